/**
 * Hosts of payment providers and of banks' card checks. A shop sends its buyers there, and they come back to it: such a
 * page brought no visitor. A host stands for all hosts below it. Where a provider's domain also has pages that do bring
 * visitors (Amazon, Google), only the hosts of payments are listed. docs/sending-events.md names this file.
 */
const OF_THE_WORLD = [
  ...['paypal.com', 'braintreegateway.com', 'stripe.com', 'link.com', 'adyen.com', 'adyenpayments.com'],
  ...['worldpay.com', 'checkout.com', 'squareup.com', 'authorize.net', 'cybersource.com', '2checkout.com'],
  ...['avangate.com', 'paddle.com', 'globalpayments.com', 'realexpayments.com', 'elavon.com'],
  ...['convergepay.com', 'skrill.com', 'neteller.com', 'payoneer.com', 'nuvei.com', 'safecharge.com'],
  ...['pay.google.com', 'payments.google.com', 'pay.shopify.com', 'checkout.shopify.com', 'fastspring.com'],
  ...['alipay.com', 'tenpay.com', 'bitpay.com', 'coingate.com', 'commerce.coinbase.com', 'cash.app'],
];

const LATER = [
  ...['klarna.com', 'afterpay.com', 'clearpay.co.uk', 'clearpay.com', 'sezzle.com', 'affirm.com', 'zip.co'],
  ...['quadpay.com', 'laybuy.com', 'riverty.com', 'scalapay.com', 'getalma.eu', 'sequra.com', 'sequra.es'],
  ...['aplazame.com', 'tabby.ai', 'tamara.co'],
];

const CARD_CHECKS = [
  'cardinalcommerce.com',
  'geschuetzteinkaufen.commerzbank.de',
  'arcot.com',
  'rsa3dsauth.co.uk',
  'securesuite.net',
  '3dsecure.io',
];

const BY_COUNTRY = [
  // Benelux
  ...['mollie.com', 'multisafepay.com', 'buckaroo.nl', 'pay.nl', 'sisow.nl', 'icepay.com', 'ogone.com'],
  ...['ideal.nl', 'bancontact.com', 'payconiq.com'],
  // Germany, Austria, Switzerland
  ...['sofort.com', 'giropay.de', 'wirecard.com', 'computop-paygate.com', 'payone.com', 'saferpay.com'],
  ...['datatrans.com', 'datatrans.biz', 'payrexx.com', 'checkout.postfinance.ch', 'e-payment.postfinance.ch'],
  ...['twint.ch', 'novalnet.de', 'unzer.com', 'heidelpay.com'],
  // Spain, Portugal, Italy
  ...['redsys.es', 'sermepa.es', 'pgw.ceca.es', 'paycomet.com', 'paytpv.com', 'addonpayments.com'],
  ...['universalpay.es', 'bizum.es', 'ifthenpay.com', 'nexi.it', 'ecomm.sella.it', 'satispay.com'],
  // France
  ...['payplug.com', 'payzen.eu', 'systempay.fr', 'lyra.com', 'paybox.com', 'e-transactions.fr', 'hipay.com'],
  ...['hipay-tpp.com', 'monetico-services.com'],
  // United Kingdom and Ireland
  ...['sagepay.com', 'opayo.co.uk', 'opayo.eu', 'gocardless.com'],
  // The North
  ...['nets.eu', 'dibspayment.com', 'bambora.com', 'quickpay.net', 'onpay.io', 'mobilepay.dk', 'vipps.no'],
  ...['payex.com', 'swedbankpay.com', 'payson.se', 'svea.com', 'paytrail.com', 'trustly.com'],
  // The East
  ...['przelewy24.pl', 'tpay.com', 'dotpay.pl', 'paynow.pl', 'payu.com', 'barion.com', 'simplepay.hu'],
  ...['gopay.com', 'gpwebpay.com', 'comgate.cz', 'mobilpay.ro', 'netopia-payments.com', 'yookassa.ru'],
  ...['yoomoney.ru', 'securepay.tinkoff.ru', 'securepayments.tinkoff.ru', 'iyzipay.com', 'paytr.com'],
  // The Americas
  ...['moneris.com', 'mercadopago.com', 'mercadopago.com.ar', 'mercadopago.com.br', 'mercadopago.com.mx'],
  ...['mercadopago.cl', 'mercadopago.com.co', 'pagseguro.uol.com.br', 'payulatam.com'],
  // Africa, Asia, Australia
  ...['payfast.co.za', 'paystack.com', 'flutterwave.com', 'razorpay.com', 'payu.in', 'ccavenue.com'],
  ...['cashfree.com', 'billdesk.com', 'instamojo.com', 'securegw.paytm.in', '2c2p.com', 'omise.co'],
  ...['ewaypayments.com', 'paymentexpress.com', 'windcave.com'],
];

/** Amazon Pay has a host in each of Amazon's shops: `payments.amazon.de`, `pay.amazon.co.uk`. */
const AMAZON_PAY = /^(?:pay|payments)(?:-[a-z]+)?\.amazon\.(?:[a-z]{2,3}|co\.[a-z]{2}|com\.[a-z]{2})$/;

const hosts: ReadonlySet<string> = new Set([...OF_THE_WORLD, ...LATER, ...CARD_CHECKS, ...BY_COUNTRY]);

/** Banks and their services check cards on hosts such as `acs2.bank.example` and `3dsecure.bank.example`. */
const CARD_CHECK = /(?:^|\.)(?:acs|3ds|3d-?secure|3dsecure2?)\d{0,2}\./;

/** Whether a host, or one above it, is in the list. */
export function isAmong(listed: { has(host: string): boolean }, host: string): boolean {
  for (let at = host; ; at = at.slice(at.indexOf('.') + 1)) {
    if (listed.has(at)) return true;
    if (!at.includes('.')) return false;
  }
}

/** Whether a host belongs to a payment provider. @param host see hostOf. */
export const isOfPayments = (host: string): boolean =>
  isAmong(hosts, host) || AMAZON_PAY.test(host) || CARD_CHECK.test(host);
