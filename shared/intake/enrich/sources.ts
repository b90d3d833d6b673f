/**
 * Sites that send visitors, by kind. Kinds and sites follow Google Analytics (Analytics Help, "[GA4] Default
 * channel group", its list of source categories, and the AI assistants of May 2026), without sites that no
 * longer exist and with European marketplaces that it lacks. Names and domains are facts; the selection was
 * written for Footfall.
 *
 * Each line holds GA4's name for the source, then domains, which include their subdomains (`.*`: any
 * country's ending), and other names that campaigns use. If two domains match, the longer one wins.
 */
const SITES = {
  search: `
    google google.* com.google.android.googlequicksearchbox googlemybusiness google-play
    bing bing.com
    yahoo yahoo.com search.yahoo.com yahoo.co.jp
    msn msn.com
    duckduckgo duckduckgo.com
    ecosia.org ecosia.org ecosia
    qwant.com qwant.com qwant
    startpage.com startpage.com startpage
    search.brave.com search.brave.com
    kagi.com kagi.com
    swisscows.com swisscows.com
    mojeek.com mojeek.com
    metager.org metager.org metager.de
    baidu baidu.com
    sogou sogou.com
    so.com so.com 360.cn
    yandex yandex.* ya.ru
    rambler rambler.ru
    go.mail.ru go.mail.ru
    naver naver.com
    daum daum.net
    seznam seznam.cz
    centrum.cz centrum.cz
    onet onet.pl
    virgilio virgilio.it
    aol aol.com search.aol.com search.aol.co.uk suche.aol.de
    ask ask.com
    lycos lycos.com
    dogpile.com dogpile.com dogpile
    excite.com excite.com
    startsiden.no startsiden.no startsiden
    search.ukr.net search.ukr.net
    coccoc.com coccoc.com
    rakuten.co.jp rakuten.co.jp
    docomo search.smt.docomo.ne.jp
    biglobe biglobe.ne.jp biglobe.co.jp
    lilo.org lilo.org
    presearch.com presearch.com
  `,
  social: `
    facebook.com facebook.com fb.me fb.com com.facebook.katana facebook fb
    instagram.com instagram.com com.instagram.android instagram ig
    messenger.com messenger.com m.me messenger
    whatsapp.com whatsapp.com wa.me com.whatsapp whatsapp
    threads.net threads.net threads.com threads
    twitter.com twitter.com t.co x.com com.twitter.android twitter x tweetdeck
    bsky.app bsky.app bluesky
    mastodon.social mastodon.social mastodon
    linkedin.com linkedin.com lnkd.in com.linkedin.android linkedin
    pinterest.com pinterest.* pin.it com.pinterest pinterest
    tiktok.com tiktok.com com.zhiliaoapp.musically tiktok
    snapchat.com snapchat.com snapchat
    reddit.com reddit.com com.reddit.frontpage reddit
    quora.com quora.com quora
    tumblr.com tumblr.com tumblr
    medium.com medium.com
    discord.com discord.com discord
    t.me t.me telegram.org telegram.me org.telegram.messenger telegram
    line.me line.me line
    wechat.com wechat.com wechat
    weibo.com weibo.com weibo.cn weibo
    qzone.qq.com qzone.qq.com
    douban.com douban.com douban
    zhihu.com zhihu.com
    renren.com renren.com renren
    vk.com vk.com vkontakte.ru vk
    ok.ru ok.ru odnoklassniki.ru odnoklassniki.ua
    kakao.com kakao.com kakao
    blog.naver.com blog.naver.com cafe.naver.com kin.naver.com
    zalo chat.zalo.me zalo.me
    xing.com xing.com xing
    viadeo.com viadeo.com
    nextdoor.com nextdoor.com nextdoor
    meetup.com meetup.com meetup
    flickr.com flickr.com flickr
    deviantart.com deviantart.com deviantart
    goodreads.com goodreads.com goodreads
    ravelry.com ravelry.com ravelry
    houzz.com houzz.* houzz
    tripadvisor.com tripadvisor.* tripadvisor
    yelp.com yelp.* yelp
    foursquare.com foursquare.com foursquare
    stackoverflow.com stackoverflow.com stackexchange.com serverfault.com superuser.com
    news.ycombinator.com news.ycombinator.com
    slashdot.org slashdot.org
    digg.com digg.com
    fark.com fark.com
    flipboard.com flipboard.com flipboard
    getpocket.com getpocket.com
    instapaper.com instapaper.com
    disqus.com disqus.com disqus
    hatena b.hatena.ne.jp
    mixi.jp mixi.jp
    ameblo.jp ameblo.jp ameba.jp
    livejournal.com livejournal.com livejournal
    blogger.com blogger.com blogspot.com blogger blogspot
    wordpress.com wordpress.com wordpress
    groups.google.com groups.google.com googlegroups.com sites.google.com
    skype skype.com
    yammer.com yammer.com yammer
    hootsuite hootsuite.com
    buffer buffer.com
    linktr.ee linktr.ee linktree
    taringa.net taringa.net
    meneame.net meneame.net
    badoo.com badoo.com badoo
    slideshare.net slideshare.net
    scribd.com scribd.com scribd
    academia.edu academia.edu
    researchgate.net researchgate.net
    glassdoor.com glassdoor.*
    fandom.com fandom.com
    wattpad.com wattpad.com wattpad
    crunchyroll.com crunchyroll.com
  `,
  shopping: `
    shopping.google.com shopping.google.com google-shopping igshopping
    amazon.com amazon.* amazon-adsystem.com amazon
    ebay.com ebay.* ebay
    etsy.com etsy.com etsy
    alibaba.com alibaba.com alibaba
    aliexpress.com aliexpress.* aliexpress
    temu.com temu.com temu
    shein.com shein.com shein
    walmart.com walmart.com walmart.ca walmart
    target.com target.com
    shopify.com shopify.com shop.app shopify
    mercadolibre.com mercadolibre.* mercadolivre.com.br mercadolibre
    shopping.yahoo.com shopping.yahoo.com shopping.yahoo.co.jp
    shopping.naver.com shopping.naver.com
    shopzilla.com shopzilla.com shopzilla
    flipkart.com flipkart.com
    allegro.pl allegro.pl
    ceneo.pl ceneo.pl
    bol.com bol.com
    zalando zalando.*
    otto.de otto.de
    idealo idealo.*
    kelkoo kelkoo.*
    pricerunner pricerunner.*
    cdiscount.com cdiscount.com
    fnac.com fnac.com fnac.es
    pccomponentes.com pccomponentes.com
    wallapop.com wallapop.com
    vinted vinted.*
  `,
  video: `
    youtube.com youtube.com youtu.be youtube
    vimeo.com vimeo.com vimeo
    twitch.tv twitch.tv twitch
    dailymotion.com dailymotion.com dailymotion
    netflix.com netflix.com netflix
    disneyplus.com disneyplus.com disneyplus
    hulu.com hulu.com hulu
    ted.com ted.com ted
    wistia.com wistia.com wistia.net wistia
    rumble.com rumble.com
    odysee.com odysee.com
    youku.com youku.com youku
    iqiyi.com iqiyi.com iq.com iqiyi
    bilibili.com bilibili.com
    veoh.com veoh.com
    crackle.com crackle.com
    curiositystream.com curiositystream.com
  `,
  assistant: `
    chatgpt.com chatgpt.com chat.openai.com chatgpt openai
    gemini.google.com gemini.google.com bard.google.com gemini
    claude.ai claude.ai claude
    copilot.microsoft.com copilot.microsoft.com copilot.com copilot
    perplexity.ai perplexity.ai perplexity
    grok.com grok.com grok
    deepseek.com deepseek.com deepseek
    chat.mistral.ai chat.mistral.ai
    meta.ai meta.ai
    poe.com poe.com
    you.com you.com
  `,
  // Hosts of search companies that are no search: a link in a mail or a document.
  other: `
    - mail.google.com docs.google.com drive.google.com accounts.google.com calendar.google.com meet.google.com
    - chat.google.com classroom.google.com play.google.com support.google.com ads.google.com
    - mail.yahoo.com login.yahoo.com mail.yandex.ru mail.yandex.com mail.aol.com email.seznam.cz mail.rambler.ru
    - mail.naver.com mail.daum.net
  `,
} as const;

export type SiteKind = Exclude<keyof typeof SITES, 'other'>;

/** A site that is known to send visitors. */
export interface KnownSite {
  kind: SiteKind;
  /** GA4's name for the source: `google`, `facebook.com`. */
  name: string;
}

/** By name or domain; undefined: a part of a known domain that is not such a site. */
const sites = new Map<string, KnownSite | undefined>();
for (const [kind, lines] of Object.entries(SITES) as [keyof typeof SITES, string][]) {
  for (const line of lines.trim().split('\n')) {
    const [name, ...others] = line.trim().split(/\s+/) as [string, ...string[]];
    const site = kind === 'other' ? undefined : { kind, name };
    for (const one of [name, ...others]) sites.set(one, site);
  }
}

/** The most labels that a known domain has. `.*` stands for two at most. */
const MOST_LABELS = Math.max(
  ...sites.keys().map((domain) => domain.replace('.*', '.co.uk').split('.').length),
);

/** A country's ending: `com`, `de`, `co.uk`, `com.mx`. */
const ENDING = /^(?:com?|[a-z]{2}|(?:com?|net|org)\.[a-z]{2})$/;

/**
 * Finds the site of a source.
 * @param source a host or a campaign's name for the site, in lower case.
 * @example siteOf('m.facebook.com') // { kind: 'social', name: 'facebook.com' }; so is siteOf('fb')
 */
export function siteOf(source: string): KnownSite | undefined {
  if (!source.includes('.')) return sites.get(source);
  const all = source.split('.');
  // A valid host has at most 127 labels.
  if (all.length > 127) return undefined;
  // Only the last labels can be a known domain. Trying all ends of a text of dots would take the square of its length.
  const labels = all.slice(-MOST_LABELS);
  for (let from = 0; from < labels.length - 1; from++) {
    const domain = labels.slice(from).join('.');
    if (sites.has(domain)) return sites.get(domain);
    const anywhere = `${labels[from]}.*`;
    if (sites.has(anywhere) && ENDING.test(labels.slice(from + 1).join('.'))) return sites.get(anywhere);
  }
  return undefined;
}
