/**
 * Chromium calls its language `en-US@posix` where the system's locale is C, as in many containers and kiosks. That is no
 * language tag. uPlot gives it to Intl as it is, which throws and leaves the page empty. Import this before uPlot.
 */
try {
  Intl.getCanonicalLocales(navigator.language);
} catch {
  Object.defineProperty(navigator, 'language', { value: 'en' });
}
