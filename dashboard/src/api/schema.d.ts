/** Written by npm run client, from /v1/openapi.json. */

export interface paths {
    "/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How often events happened, in total and as a series */
        get: operations["read_events"];
        put?: never;
        /**
         * Send one event, or a batch of up to 500
         * @description At most 1 MB of JSON in UTF-8, after unpacking. `Content-Encoding` may be gzip, br or deflate, and any content
         *     type will do (beacons send text/plain). Each event is judged by itself: a valid event is taken even when its neighbour
         *     is refused. A field that is null or an empty text counts as absent. Fields that are not listed here are ignored.
         *
         *     A value whose meaning is clear is put right, and the verdict has a warning: digits as text, float tails, placeholders
         *     instead of ids. A value that could mean two things is refused with its path.
         *
         *     With 503 nothing, or only a part, may have been stored: send all events again, with the same ids.
         */
        post: operations["send_events"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/f.js": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The script for a shop's pages
         * @description Sends page views, and the events that a page hands to it: `<script async src="/f.js" data-key="WRITE_KEY"></script>`
         */
        get: operations["read_snippet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/track": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take a track call of a Segment library
         * @description What Segment's libraries send, unchanged: set their host to this one, and their write key to a
         *     write key of the site. The key is the user name of Basic authentication, or `writeKey` in the body (then any content
         *     type will do). At most 1 MB of JSON in UTF-8, after unpacking: gzip, br and deflate are understood.
         *
         *     Names of the e-commerce spec become GA4's (`Order Completed` is `purchase`). Others become valid event names
         *     (`Signed Up!` is `signed_up`).
         */
        post: operations["segment_track"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/t": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take a track call of a Segment library
         * @description What Segment's libraries send, unchanged: set their host to this one, and their write key to a
         *     write key of the site. The key is the user name of Basic authentication, or `writeKey` in the body (then any content
         *     type will do). At most 1 MB of JSON in UTF-8, after unpacking: gzip, br and deflate are understood.
         *
         *     Names of the e-commerce spec become GA4's (`Order Completed` is `purchase`). Others become valid event names
         *     (`Signed Up!` is `signed_up`).
         */
        post: operations["segment_t"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/page": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take a page call of a Segment library
         * @description What Segment's libraries send, unchanged: set their host to this one, and their write key to a
         *     write key of the site. The key is the user name of Basic authentication, or `writeKey` in the body (then any content
         *     type will do). At most 1 MB of JSON in UTF-8, after unpacking: gzip, br and deflate are understood.
         *
         *     Names of the e-commerce spec become GA4's (`Order Completed` is `purchase`). Others become valid event names
         *     (`Signed Up!` is `signed_up`).
         */
        post: operations["segment_page"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/p": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take a page call of a Segment library
         * @description What Segment's libraries send, unchanged: set their host to this one, and their write key to a
         *     write key of the site. The key is the user name of Basic authentication, or `writeKey` in the body (then any content
         *     type will do). At most 1 MB of JSON in UTF-8, after unpacking: gzip, br and deflate are understood.
         *
         *     Names of the e-commerce spec become GA4's (`Order Completed` is `purchase`). Others become valid event names
         *     (`Signed Up!` is `signed_up`).
         */
        post: operations["segment_p"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/screen": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take a screen call of a Segment library
         * @description What Segment's libraries send, unchanged: set their host to this one, and their write key to a
         *     write key of the site. The key is the user name of Basic authentication, or `writeKey` in the body (then any content
         *     type will do). At most 1 MB of JSON in UTF-8, after unpacking: gzip, br and deflate are understood.
         *
         *     Names of the e-commerce spec become GA4's (`Order Completed` is `purchase`). Others become valid event names
         *     (`Signed Up!` is `signed_up`).
         */
        post: operations["segment_screen"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/s": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take a screen call of a Segment library
         * @description What Segment's libraries send, unchanged: set their host to this one, and their write key to a
         *     write key of the site. The key is the user name of Basic authentication, or `writeKey` in the body (then any content
         *     type will do). At most 1 MB of JSON in UTF-8, after unpacking: gzip, br and deflate are understood.
         *
         *     Names of the e-commerce spec become GA4's (`Order Completed` is `purchase`). Others become valid event names
         *     (`Signed Up!` is `signed_up`).
         */
        post: operations["segment_s"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/identify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take a identify call of a Segment library
         * @description What Segment's libraries send, unchanged: set their host to this one, and their write key to a
         *     write key of the site. The key is the user name of Basic authentication, or `writeKey` in the body (then any content
         *     type will do). At most 1 MB of JSON in UTF-8, after unpacking: gzip, br and deflate are understood.
         *
         *     Names of the e-commerce spec become GA4's (`Order Completed` is `purchase`). Others become valid event names
         *     (`Signed Up!` is `signed_up`).
         */
        post: operations["segment_identify"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/i": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take a identify call of a Segment library
         * @description What Segment's libraries send, unchanged: set their host to this one, and their write key to a
         *     write key of the site. The key is the user name of Basic authentication, or `writeKey` in the body (then any content
         *     type will do). At most 1 MB of JSON in UTF-8, after unpacking: gzip, br and deflate are understood.
         *
         *     Names of the e-commerce spec become GA4's (`Order Completed` is `purchase`). Others become valid event names
         *     (`Signed Up!` is `signed_up`).
         */
        post: operations["segment_i"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/group": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take a group call of a Segment library
         * @description What Segment's libraries send, unchanged: set their host to this one, and their write key to a
         *     write key of the site. The key is the user name of Basic authentication, or `writeKey` in the body (then any content
         *     type will do). At most 1 MB of JSON in UTF-8, after unpacking: gzip, br and deflate are understood.
         *
         *     Names of the e-commerce spec become GA4's (`Order Completed` is `purchase`). Others become valid event names
         *     (`Signed Up!` is `signed_up`).
         */
        post: operations["segment_group"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/g": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take a group call of a Segment library
         * @description What Segment's libraries send, unchanged: set their host to this one, and their write key to a
         *     write key of the site. The key is the user name of Basic authentication, or `writeKey` in the body (then any content
         *     type will do). At most 1 MB of JSON in UTF-8, after unpacking: gzip, br and deflate are understood.
         *
         *     Names of the e-commerce spec become GA4's (`Order Completed` is `purchase`). Others become valid event names
         *     (`Signed Up!` is `signed_up`).
         */
        post: operations["segment_g"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/alias": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take a alias call of a Segment library
         * @description What Segment's libraries send, unchanged: set their host to this one, and their write key to a
         *     write key of the site. The key is the user name of Basic authentication, or `writeKey` in the body (then any content
         *     type will do). At most 1 MB of JSON in UTF-8, after unpacking: gzip, br and deflate are understood.
         *
         *     Names of the e-commerce spec become GA4's (`Order Completed` is `purchase`). Others become valid event names
         *     (`Signed Up!` is `signed_up`).
         */
        post: operations["segment_alias"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/a": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take a alias call of a Segment library
         * @description What Segment's libraries send, unchanged: set their host to this one, and their write key to a
         *     write key of the site. The key is the user name of Basic authentication, or `writeKey` in the body (then any content
         *     type will do). At most 1 MB of JSON in UTF-8, after unpacking: gzip, br and deflate are understood.
         *
         *     Names of the e-commerce spec become GA4's (`Order Completed` is `purchase`). Others become valid event names
         *     (`Signed Up!` is `signed_up`).
         */
        post: operations["segment_a"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take up to 500 calls of a Segment library, each judged by itself
         * @description What Segment's libraries send, unchanged: set their host to this one, and their write key to a
         *     write key of the site. The key is the user name of Basic authentication, or `writeKey` in the body (then any content
         *     type will do). At most 1 MB of JSON in UTF-8, after unpacking: gzip, br and deflate are understood.
         *
         *     Names of the e-commerce spec become GA4's (`Order Completed` is `purchase`). Others become valid event names
         *     (`Signed Up!` is `signed_up`).
         */
        post: operations["segment_batch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/b": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take up to 500 calls of a Segment library, each judged by itself
         * @description What Segment's libraries send, unchanged: set their host to this one, and their write key to a
         *     write key of the site. The key is the user name of Basic authentication, or `writeKey` in the body (then any content
         *     type will do). At most 1 MB of JSON in UTF-8, after unpacking: gzip, br and deflate are understood.
         *
         *     Names of the e-commerce spec become GA4's (`Order Completed` is `purchase`). Others become valid event names
         *     (`Signed Up!` is `signed_up`).
         */
        post: operations["segment_b"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take up to 500 calls of a Segment library, each judged by itself
         * @description What Segment's libraries send, unchanged: set their host to this one, and their write key to a
         *     write key of the site. The key is the user name of Basic authentication, or `writeKey` in the body (then any content
         *     type will do). At most 1 MB of JSON in UTF-8, after unpacking: gzip, br and deflate are understood.
         *
         *     Names of the e-commerce spec become GA4's (`Order Completed` is `purchase`). Others become valid event names
         *     (`Signed Up!` is `signed_up`).
         */
        post: operations["segment_import"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/projects/{writeKey}/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The settings that analytics.js and the app libraries ask for first
         * @description Set `cdnURL` of analytics.js to this host, and the library learns where to send. A browser may keep the
         *     answer for five minutes.
         */
        get: operations["read_segment_settings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/mp/collect": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take up to 25 events in the format of the Measurement Protocol
         * @description GA4's Measurement Protocol. Set a client's host to this one, and `api_secret` to a write key,
         *     which decides whose the events are. GA4's names, reserved names and limits apply. Unlike Google, this
         *     endpoint refuses what is wrong. Texts longer than GA4 takes are kept as far as Footfall takes them, unless
         *     `validation_behavior` is `ENFORCE_RECOMMENDATIONS`. The protocol has no event ids, so a request that is sent again
         *     counts again. Only a purchase is recognized, by its `transaction_id`. An event is a server's, and opens no visit, unless
         *     it is a view or names a page or screen; an order always is. `session_id` names the visit that it belongs to.
         */
        post: operations["send_measurements"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/debug/mp/collect": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say what is wrong with events of the Measurement Protocol, and store nothing
         * @description Google's validation server. It checks all that `/mp/collect` checks, the limits that
         *     `/mp/collect` only enforces on request, and whether the site lists the stream.
         */
        post: operations["validate_measurements"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/g/collect": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Take a hit of gtag.js
         * @description Version 2 of Google's collect endpoint (`v=2`). `tid` is the site's measurement id, `cid` the
         *     visitor, `uid` the user, `en` the event, `ep.` and `epn.` its parameters, `pr1` … its items, `cu` the currency,
         *     `dl` the page, `dr` the referrer (`ir=1`: not to be counted), `sid` the visit, `_et` the time in the foreground.
         *     With `gcs=G100` or `G110` the visitor refused consent: the hit counts for no person. A hit with `_p` and `_s` that is sent again is counted once. No secret is
         *     needed. A write key decides whose the hit is, where there is one: `write_key` in the query, or `write_key` among the
         *     parameters of gtag.js' `config` (`ep.write_key`).
         */
        get: operations["send_hit"];
        put?: never;
        /**
         * Take hits of gtag.js, one for each line of the body
         * @description Version 2 of Google's collect endpoint (`v=2`). `tid` is the site's measurement id, `cid` the
         *     visitor, `uid` the user, `en` the event, `ep.` and `epn.` its parameters, `pr1` … its items, `cu` the currency,
         *     `dl` the page, `dr` the referrer (`ir=1`: not to be counted), `sid` the visit, `_et` the time in the foreground.
         *     With `gcs=G100` or `G110` the visitor refused consent: the hit counts for no person. A hit with `_p` and `_s` that is sent again is counted once. No secret is
         *     needed. A write key decides whose the hit is, where there is one: `write_key` in the query, or `write_key` among the
         *     parameters of gtag.js' `config` (`ep.write_key`).
         */
        post: operations["send_hits"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/funnels": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The funnels of the site: the shop funnel, and those that it defined */
        get: operations["read_funnels"];
        put?: never;
        /**
         * Define a funnel of the site
         * @description At most 20 a site. Events received from `effective_from` on are counted. That is five seconds later,
         *     so that every shard counts the same events.
         */
        post: operations["define_funnel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/funnels/{funnel}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How many users or sessions reached each step of a funnel, and how long each step took */
        get: operations["read_funnels_funnel"];
        put?: never;
        post?: never;
        /** Remove a funnel that the site defined, and its numbers */
        delete: operations["remove_funnel"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sites": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All sites, with what is known of their keys */
        get: operations["list_sites"];
        put?: never;
        /**
         * Make a site, with its first three keys
         * @description The keys are in this answer and nowhere else: only their hashes are stored. All functions know a new
         *     site at once.
         */
        post: operations["create_site"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sites/{site}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One site, with what is known of its keys */
        get: operations["read_site"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Change settings of a site; what is not named stays
         * @description What is stored already keeps its expiry: another `retention_days` applies to what comes or changes
         *     from now on. `lateness_hours`, and the windows of the site's funnels, are at most 24 × `retention_days`.
         */
        patch: operations["change_site"];
        trace?: never;
    };
    "/v1/sites/{site}/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a further key of a site
         * @description The site's admin key makes read keys: one for each person or screen that is to see the numbers, each of
         *     which can be ended by itself. Write and admin keys need the admin key of the installation.
         */
        post: operations["create_key"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sites/{site}/keys/{key}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Replace a key by a new one; the old key stays valid for a while
         * @description The new key has the kind and the name of the old key, and the end that the old key was made with.
         */
        post: operations["rotate_key"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sites/{site}/keys/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * End a key now
         * @description Functions that know the key may accept it for some ten seconds more. The site's admin key ends read keys,
         *     the admin key of the installation all.
         */
        delete: operations["end_key"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dead-letters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Events that could not be counted, the newest first
         * @description The installation's key sees all letters. A site's admin key sees those that name its site.
         */
        get: operations["list_dead_letters"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dead-letters/counts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The number of letters by day, reason, site and status, the newest day first */
        get: operations["count_dead_letters"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dead-letters/{letter}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One letter, with the bytes that it holds */
        get: operations["read_dead_letter"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dead-letters/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Count letters after all, as they are or changed; each once, however often it is requested
         * @description Each letter is checked first. One that would be refused again stays as it is, and the answer says why.
         *     With `reason`, go on with `next_cursor` until there is none.
         */
        post: operations["replay_dead_letters"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/dead-letters/discard": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Mark letters as not to be counted
         * @description A discarded letter can still be replayed by its key.
         */
        post: operations["discard_dead_letters"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/privacy/{user}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Export everything stored about a person, under all of their ids
         * @description Of an anonymous id that became a user, only what is stored under that id: `user_id` names the user. In pages of up to 4 MB: request the next one with `cursor` until there is no `next_cursor`.
         */
        get: operations["read_held"];
        put?: never;
        post?: never;
        /**
         * Erase a person, under all of their ids
         * @description Erases everything received before this request. Events that are still on their way are not counted.
         *     Any id of the person will do. A person with very many ids is erased within
         *     minutes. Events that come later count for a new user. A repeated request erases nothing more, and gets a receipt of its own.
         */
        delete: operations["erase_person"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/privacy-receipts/{receipt}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What an erasure removed, and when; kept as long as the numbers of that day */
        get: operations["read_receipt"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/system": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Brokers, topics, the lag of each partition, generations, and servers of Redis
         * @description While Kafka or Redis is away, the answer has the other half.
         */
        get: operations["read_system"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/system/topics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The topics of this installation, with the ends of their partitions */
        get: operations["list_topics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/system/topics/{topic}/records": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Some records of a partition, shortened
         * @description The newest first; with `from`, the oldest first from that offset on. Hashes of keys in the sites topic
         *     are masked. Records are shown as Kafka has them, also of people who were erased since.
         */
        get: operations["list_records"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/system/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Keys of this installation in Redis
         * @description Looks at a bounded number of keys. Go on with `next_cursor` until there is none.
         */
        get: operations["list_redis_keys"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/system/keys/{redis_key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One key in Redis: type, time to live, size, and its value, shortened
         * @description Hashes of keys and the salt of addresses are masked. Packed states and orders are also decoded.
         */
        get: operations["read_redis_key"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether Kafka and Redis are there, how far the numbers are behind, and what they lack */
        get: operations["read_health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether Kafka and Redis are there, how far the numbers are behind, and what they lack */
        get: operations["check_ready"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the function itself answers; it asks nothing else */
        get: operations["check_live"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This document */
        get: operations["read_openapi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/access": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What a key is, and the sites that it may read
         * @description For programs that a person signs in to with a key. Only in the header.
         */
        get: operations["read_access"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/overview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A site's totals over a range of days */
        get: operations["read_overview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/series": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One or several metrics over time: by minute, hour, day, week or month */
        get: operations["read_series"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/series/weekday-hour": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One metric by weekday and hour */
        get: operations["read_series_weekday_hour"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/breakdowns/{dimension}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What happened by country, device, source, page, category or another dimension */
        get: operations["read_breakdowns_dimension"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/products": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The most popular products, by any metric */
        get: operations["read_products"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/products/{product}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What happened to one product, in total and by day */
        get: operations["read_products_product"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/revenue": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Orders, refunds and their money by day, month or country */
        get: operations["read_revenue"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Orders of a range of days, the latest first; as CSV all of them */
        get: operations["read_orders"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/orders/{transaction_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One order: money, lines, refunds, person, visit, and the copies that it was merged from */
        get: operations["read_orders_transaction_id"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Sessions, bounces and how long sessions are, in total and by day */
        get: operations["read_sessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/unique": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How many different users were active in a range, exactly; new and returning ones */
        get: operations["read_users_unique"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/retention": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Of the users first seen in a day, week or month, how many came back later */
        get: operations["read_retention"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/customers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Orders and revenue of new and of returning customers, and how many customers came back */
        get: operations["read_customers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/customers/cohorts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Of the customers of a month or week, how many bought again, and what they are worth until then */
        get: operations["read_customers_cohorts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/carts/abandoned": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Carts that were filled and left, the latest first */
        get: operations["read_carts_abandoned"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/carts/daily": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Carts that were filled, bought, left and recovered, in total and by day */
        get: operations["read_carts_daily"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What is going on now: users, carts, checkouts, orders, pages and products of the last half hour */
        get: operations["read_live"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/live/interactions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The newest interactions of the last half hour, newest first */
        get: operations["read_live_interactions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Products by id or name, people by id, and an order by its transaction id */
        get: operations["read_search"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/trending": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The products with the most activity now */
        get: operations["read_trending"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/quality": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How well events could be read: taken as they came, put right, kept aside or refused, and why */
        get: operations["read_quality"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ledger": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What became of every event that was accepted */
        get: operations["read_ledger"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{user}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A user's engagement */
        get: operations["read_users_user"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{user}/interactions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A user's interactions on a day or between two days */
        get: operations["read_users_user_interactions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/get_user_engagement/{user}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** As /v1/users/{user} */
        get: operations["get_user_engagement_user"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/get_popular_products/{limit}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** As /v1/products?limit= */
        get: operations["get_popular_products_limit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/get_event_frequency/{event}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** As /v1/events?event=; click and view are select_item and view_item */
        get: operations["get_event_frequency_event"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/get_user_data_by_date/{user}/{date}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** As /v1/users/{user}/interactions?date= */
        get: operations["get_user_data_by_date_user_date"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/get_user_data_between_dates/{user}/{start}/{end}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** As /v1/users/{user}/interactions?from=&to= */
        get: operations["get_user_data_between_dates_user_start_end"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description One of user_id and anonymous_id is required, unless consent is false */
        Event: {
            /** @description Makes retries harmless: each id counts once per user */
            id?: string | number;
            /** @description GA4's event name, or one of your own */
            name: string;
            /** @description The shop's own id of a known visitor */
            user_id?: string | number;
            /** @description Id of an unknown visitor, from a cookie or device. One of the two ids is required. An event with both belongs to the user; an identify with both says that the visitor is that user */
            anonymous_id?: string | number;
            /** @description Whether the visitor agreed to analytics. With false, no id is required, and the ids, the visit and the properties are dropped: the event counts in events, products and money, and for no person */
            consent?: boolean;
            /** @description The visit, as GA4's session_id. An event of a server belongs to the visit that it names */
            session_id?: string | number;
            /** @description How long the page was in the foreground since the last event, ms; a day at most */
            engagement_time_msec?: number;
            /** @description A server sends the event, not the visitor: it opens no visit, and belongs to the one that session_id names or that it falls into */
            server?: boolean;
            /** @description When the event happened. Default: now */
            timestamp?: string | number;
            /** @description Marks historical data: the lateness limit does not apply */
            backfill?: boolean;
            /** @description Lines of the cart or order. The first 2,000 are kept; the value of an order counts all of them */
            items?: components["schemas"]["Item"][];
            /** @description ISO 4217. Default: the site's currency */
            currency?: string;
            /** @description Total of the order. Default: the sum of its lines */
            value?: number | string;
            /** @description Id of the order, which counts once in the site, whoever sends it and how often. A refund finds its order by it; without value and items, it gives back what is left of the order */
            transaction_id?: string | number;
            /** @description ISO 3166-1 alpha-2 */
            country?: string;
            /** @description Path or URL */
            page?: string;
            /** @description URL of the previous page; its host is counted */
            referrer?: string;
            /** @description The previous page brought no visitor, as a payment page does not: the referrer is dropped */
            ignore_referrer?: boolean;
            /** @description Traffic source, as GA4's session source (utm_source) */
            source?: string;
            /** @description organic, email, cpc … (utm_medium) */
            medium?: string;
            /** @description utm_campaign. Without source, medium and campaign, Footfall takes them from the page (utm_…) or the referrer */
            campaign?: string;
            /** @description desktop, mobile, tablet … */
            device?: string;
            browser?: string;
            /** @description Operating system */
            os?: string;
            /** @description The visitor's user agent, when a server sends the event. Supplies missing device, browser and os, and detects bots, which are counted separately. Not stored */
            user_agent?: string;
            search_term?: string;
            /** @description List that was shown */
            item_list_id?: string;
            /** @description Its name */
            item_list_name?: string;
            /** @description Promotion that was shown or chosen */
            promotion_id?: string;
            /** @description Its name */
            promotion_name?: string;
            /** @description Name of the promotion's creative, such as banner_2 */
            creative_name?: string;
            /** @description Where the creative stood, such as top */
            creative_slot?: string;
            /** @description The order's coupon; several with commas between them */
            coupon?: string;
            /** @description Shop or branch */
            affiliation?: string;
            /** @description Where it happened, such as a Google Place ID */
            location_id?: string;
            /** @description Tax of the order, in units of the currency. Whether `value` includes it is your choice */
            tax?: number | string;
            /** @description Shipping of the order, in units of the currency. Whether `value` includes it is your choice */
            shipping?: number | string;
            /** @description Taken off the order as a whole, in units of the currency */
            discount?: number | string;
            /** @description Such as card */
            payment_type?: string;
            /** @description Such as ground or express */
            shipping_tier?: string;
            /**
             * @description Whether the buyer has bought before, as the shop knows it
             * @enum {string}
             */
            customer_type?: "new" | "returning";
            /** @description Up to 50 properties of your own; stored with the interaction, not aggregated */
            properties?: {
                [key: string]: string | number | boolean;
            };
        };
        /** @description A line of a cart or an order, with GA4's names */
        Item: {
            item_id: string | number;
            item_name?: string;
            item_brand?: string;
            item_category?: string;
            /** @description Price of one piece, in units of the currency: 12.5 is 12.50 EUR. Negative only in a purchase, where the line is a discount, and in a refund */
            price?: number | string;
            /** @description Pieces; 1 when absent. With up to three decimals (1.5 m); more are rounded, and the amount is exact. Negative only in orders and refunds, where it is what came back */
            quantity?: number | string;
            /** @description Such as a size or colour */
            item_variant?: string;
            /** @description Second level of the category */
            item_category2?: string;
            /** @description Third level */
            item_category3?: string;
            /** @description Fourth level */
            item_category4?: string;
            /** @description Fifth level */
            item_category5?: string;
            /** @description The item's own coupon */
            coupon?: string;
            /** @description Taken off the price of one piece, in units of the currency */
            discount?: number | string;
            /** @description Position in the list */
            index?: number;
            /** @description List that showed the item */
            item_list_id?: string;
            /** @description Its name */
            item_list_name?: string;
            /** @description Promotion that was shown or chosen */
            promotion_id?: string;
            /** @description Its name */
            promotion_name?: string;
            /** @description Name of the promotion's creative, such as banner_2 */
            creative_name?: string;
            /** @description Where the creative stood, such as top */
            creative_slot?: string;
            /** @description Shop or branch that supplies the item */
            affiliation?: string;
            /** @description Where the item is, such as a Google Place ID */
            location_id?: string;
        };
        /** @description Event format of the program that Footfall grew out of */
        OriginalEvent: {
            user_id: string | number;
            /** @enum {string} */
            interaction_type: "click" | "view" | "purchase";
            product_id: string | number;
            site_id?: string | number;
            site_name?: string;
            /** @description Seconds since the epoch, possibly fractional */
            timestamp?: string | number;
        };
        /** @description Each event is judged by itself */
        EventBatch: {
            events: (components["schemas"]["Event"] | components["schemas"]["OriginalEvent"])[];
        };
        /** @description docs/sending-events.md says how each field is used */
        SegmentMessage: {
            /** @description The event's id: a retry with the same id is harmless */
            messageId?: string;
            userId?: string | number;
            anonymousId?: string | number;
            /** @description For alias: the anonymous id that turned out to be userId */
            previousId?: string | number;
            /** @description For track: the event's name */
            event?: string;
            /** @description For page and screen */
            name?: string;
            groupId?: string | number;
            properties?: {
                [key: string]: unknown;
            };
            traits?: {
                [key: string]: unknown;
            };
            /** @description page, campaign, userAgent, sessionId …; its ip is not kept. When consent refuses analytics, the call counts for no person */
            context?: {
                [key: string]: unknown;
            };
            timestamp?: string | number;
            /** @description The client's clock when it sent this: timestamp is corrected by its error */
            sentAt?: string | number;
            /** @description Where no header is sent */
            writeKey?: string;
        } & {
            [key: string]: unknown;
        };
        SegmentBatch: {
            batch: ({
                /** @enum {string} */
                type: "track" | "page" | "screen" | "identify" | "group" | "alias";
                /** @description The event's id: a retry with the same id is harmless */
                messageId?: string;
                userId?: string | number;
                anonymousId?: string | number;
                /** @description For alias: the anonymous id that turned out to be userId */
                previousId?: string | number;
                /** @description For track: the event's name */
                event?: string;
                /** @description For page and screen */
                name?: string;
                groupId?: string | number;
                properties?: {
                    [key: string]: unknown;
                };
                traits?: {
                    [key: string]: unknown;
                };
                /** @description page, campaign, userAgent, sessionId …; its ip is not kept. When consent refuses analytics, the call counts for no person */
                context?: {
                    [key: string]: unknown;
                };
                timestamp?: string | number;
                /** @description The client's clock when it sent this: timestamp is corrected by its error */
                sentAt?: string | number;
                /** @description Where no header is sent */
                writeKey?: string;
            } & {
                [key: string]: unknown;
            })[];
            writeKey?: string;
            sentAt?: string | number;
            /** @description For all messages; what a message says itself takes precedence */
            context?: {
                [key: string]: unknown;
            };
        } & {
            [key: string]: unknown;
        };
        /** @description docs/sending-events.md says how each field is used */
        Measurement: {
            /** @description Required from a web stream */
            client_id?: string | number;
            /** @description From an app instead */
            app_instance_id?: string;
            user_id?: string | number;
            /** @description Microseconds since the epoch. An event older than the site's lateness limit (72 hours by default) is stored as a dead letter, not counted */
            timestamp_micros?: number | string;
            user_location?: {
                country_id?: string;
            } & {
                [key: string]: unknown;
            };
            device?: {
                [key: string]: unknown;
            };
            user_agent?: string;
            /** @enum {string} */
            validation_behavior?: "RELAXED" | "ENFORCE_RECOMMENDATIONS";
            events: ({
                name: string;
                /** @description Microseconds since the epoch. An event older than the site's lateness limit (72 hours by default) is stored as a dead letter, not counted */
                timestamp_micros?: number | string;
                params?: {
                    [key: string]: unknown;
                };
            } & {
                [key: string]: unknown;
            })[];
        } & {
            [key: string]: unknown;
        };
        /**
         * @example {
         *       "id": "shoes",
         *       "name": "From shoes to an order",
         *       "steps": [
         *         {
         *           "event": "view_item",
         *           "filters": [
         *             {
         *               "field": "category",
         *               "value": "shoes"
         *             }
         *           ]
         *         },
         *         {
         *           "event": "add_to_cart"
         *         },
         *         {
         *           "event": "purchase"
         *         }
         *       ],
         *       "window_hours": 24,
         *       "by": "user"
         *     }
         */
        FunnelInput: {
            id: string;
            name: string;
            steps: {
                event: string;
                /** @description All must hold. A field of items holds when one of the items has the value */
                filters?: {
                    /** @enum {string} */
                    field: "country" | "device" | "browser" | "os" | "page" | "search_term" | "source" | "medium" | "campaign" | "referrer" | "item_id" | "category" | "brand";
                    value: string;
                }[];
            }[];
            /** @description From the first step to the last, at the most. Default: 168 */
            window_hours?: number;
            /**
             * @description Whether people go through it, or sessions. Default: "user"
             * @enum {string}
             */
            by?: "user" | "session";
        };
        /**
         * @example {
         *       "id": "shoes",
         *       "name": "Shoes of Madrid",
         *       "zone": "Europe/Madrid",
         *       "currency": "EUR",
         *       "allowed_origins": [
         *         "https://shoes.example",
         *         "https://*.shoes.example"
         *       ]
         *     }
         */
        SiteInput: {
            id: string;
            /** @description Default: "UTC" */
            zone?: string;
            name?: string;
            /** @description Default: "USD" */
            currency?: string;
            /** @description Default: 1095 */
            retention_days?: number;
            /** @description Default: 72 */
            lateness_hours?: number;
            /** @description Default: 10000 */
            invalid_events_a_day?: number;
            /** @description Default: [] */
            allowed_origins?: string[];
            /** @description Default: [] */
            ignored_referrers?: string[];
            /** @description Default: [] */
            measurement_ids?: string[];
            /** @description Funnels to define, as in POST /v1/funnels. Default: [] */
            funnels?: components["schemas"]["FunnelInput"][];
            /** @description Takes the measurement ids from the sites that list them now. Only with the admin key of the installation */
            take_over?: boolean;
        };
        /**
         * @example {
         *       "currency": "EUR",
         *       "retention_days": 730
         *     }
         */
        SiteChanges: {
            name?: string;
            currency?: string;
            retention_days?: number;
            lateness_hours?: number;
            invalid_events_a_day?: number;
            allowed_origins?: string[];
            ignored_referrers?: string[];
            measurement_ids?: string[];
            /** @description Time zone. Must be the present one: changing it would move the days that are counted already */
            zone?: string;
            /** @description Takes the measurement ids from the sites that list them now. Only with the admin key of the installation */
            take_over?: boolean;
        };
        /**
         * @example {
         *       "kind": "read",
         *       "name": "Screen in the office",
         *       "expires_at": "2027-01-01T00:00:00Z"
         *     }
         */
        KeyInput: {
            /**
             * @description A site's admin key makes read keys only
             * @enum {string}
             */
            kind: "write" | "read" | "admin";
            /** @description For people, such as who has the key */
            name?: string;
            /**
             * Format: date-time
             * @description When the key stops working, to the second. Without it the key works until it is ended
             */
            expires_at?: string;
        };
        /**
         * @example {
         *       "overlap_seconds": 3600
         *     }
         */
        RotationInput: {
            /** @description How long the old key stays valid, in seconds. Default: 86400 */
            overlap_seconds?: number;
        };
        /**
         * @example {
         *       "letters": [
         *         "events-3-17"
         *       ]
         *     }
         * @example {
         *       "reason": "too_late",
         *       "patch": [
         *         {
         *           "op": "add",
         *           "path": "/backfill",
         *           "value": true
         *         }
         *       ],
         *       "note": "The tills were offline"
         *     }
         */
        ReplayInput: {
            /** @description Keys of the letters; or give a `reason` instead */
            letters?: string[];
            /**
             * @description Takes all open letters with this reason, oldest first
             * @enum {string}
             */
            reason?: "not_json" | "not_an_event" | "unknown_version" | "unknown_site" | "wrong_key" | "wrong_partition" | "too_late" | "invalid";
            site?: string;
            /**
             * Format: date
             * @description First day, UTC
             * @example 2026-03-01
             */
            from?: string;
            /**
             * Format: date
             * @description Last day, inclusive, UTC
             * @example 2026-03-31
             */
            to?: string;
            /** @description `next_cursor` of the previous request */
            cursor?: string;
            /** @description Most letters that one request takes. Default: 500 */
            limit?: number;
            /** @description Stored with the letter for as long as the letter exists. Must not hold personal data */
            note?: string;
            /** @description JSON Patch (RFC 6902), applied to the event of each letter: the canonical one, or with the reason `invalid` the event as it was sent */
            patch?: (components["schemas"]["PatchValue"] | components["schemas"]["PatchRemoval"] | components["schemas"]["PatchMove"])[];
            /** @description Event to publish instead of what the letter holds. Only with exactly one letter */
            event?: {
                [key: string]: unknown;
            };
        };
        PatchValue: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            op: "add" | "replace" | "test";
            path: string;
            /** @description Any JSON value */
            value: unknown;
        };
        PatchRemoval: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            op: "remove";
            path: string;
        };
        PatchMove: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            op: "move" | "copy";
            path: string;
            from: string;
        };
        /**
         * @example {
         *       "letters": [
         *         "events-3-18"
         *       ],
         *       "note": "A test"
         *     }
         */
        DiscardInput: {
            /** @description Keys of the letters; or give a `reason` instead */
            letters?: string[];
            /**
             * @description Takes all open letters with this reason, oldest first
             * @enum {string}
             */
            reason?: "not_json" | "not_an_event" | "unknown_version" | "unknown_site" | "wrong_key" | "wrong_partition" | "too_late" | "invalid";
            site?: string;
            /**
             * Format: date
             * @description First day, UTC
             * @example 2026-03-01
             */
            from?: string;
            /**
             * Format: date
             * @description Last day, inclusive, UTC
             * @example 2026-03-31
             */
            to?: string;
            /** @description `next_cursor` of the previous request */
            cursor?: string;
            /** @description Most letters that one request takes. Default: 500 */
            limit?: number;
            /** @description Stored with the letter for as long as the letter exists. Must not hold personal data */
            note?: string;
        };
        /**
         * @example {
         *       "accepted": 1,
         *       "refused": 1,
         *       "dead_lettered": 0,
         *       "events": [
         *         {
         *           "index": 0,
         *           "status": "accepted",
         *           "id": "e-1"
         *         },
         *         {
         *           "index": 1,
         *           "status": "refused",
         *           "errors": [
         *             {
         *               "code": "invalid_event",
         *               "path": "events[1].items[0].price",
         *               "message": "must be a number of 0 or more, or a decimal number as text"
         *             }
         *           ]
         *         }
         *       ]
         *     }
         */
        Verdicts: {
            accepted: number;
            refused: number;
            /** @description Stored, but too late to be counted */
            dead_lettered: number;
            /** @description One for each event, in the request's order. `id` identifies the event from now on */
            events: (components["schemas"]["AcceptedEvent"] | components["schemas"]["DeadLetteredEvent"] | components["schemas"]["RefusedEvent"])[];
        };
        AcceptedEvent: {
            index: number;
            /** @constant */
            status: "accepted";
            id: string;
            /** @description What was put right in an event that is stored; absent when nothing was */
            warnings?: {
                /** @enum {string} */
                code: "float_tail" | "number_text" | "rounded_amount" | "rounded_quantity" | "negative_quantity" | "negative_amount" | "read_as_refund" | "items_cut" | "left_out" | "cut_text" | "placeholder_id" | "cookie_id" | "no_person" | "currency_text" | "time_unit" | "clamped" | "not_a_bot";
                path: string;
                message: string;
            }[];
        };
        DeadLetteredEvent: {
            index: number;
            /** @constant */
            status: "dead_lettered";
            id: string;
            errors: {
                /** @enum {string} */
                code: "invalid_event" | "too_late" | "beyond_retention" | "bad_amount";
                /** @description In the body, such as `events[3].items[0].price`; empty: the whole event */
                path: string;
                message: string;
            }[];
            /** @description What was put right in an event that is stored; absent when nothing was */
            warnings?: {
                /** @enum {string} */
                code: "float_tail" | "number_text" | "rounded_amount" | "rounded_quantity" | "negative_quantity" | "negative_amount" | "read_as_refund" | "items_cut" | "left_out" | "cut_text" | "placeholder_id" | "cookie_id" | "no_person" | "currency_text" | "time_unit" | "clamped" | "not_a_bot";
                path: string;
                message: string;
            }[];
        };
        RefusedEvent: {
            index: number;
            /** @constant */
            status: "refused";
            errors: {
                /** @enum {string} */
                code: "invalid_event" | "too_late" | "beyond_retention" | "bad_amount";
                /** @description In the body, such as `events[3].items[0].price`; empty: the whole event */
                path: string;
                message: string;
            }[];
        };
        /**
         * @description RFC 9457 problem details
         * @example {
         *       "type": "about:blank",
         *       "title": "invalid_parameter",
         *       "status": 400,
         *       "code": "invalid_parameter",
         *       "detail": "from: must be a date as YYYY-MM-DD",
         *       "request_id": "JKJaXmPLvHcESHA=",
         *       "errors": [
         *         {
         *           "path": "from",
         *           "message": "must be a date as YYYY-MM-DD"
         *         }
         *       ]
         *     }
         */
        Problem: {
            type: string;
            title: string;
            status: number;
            /** @description Stable, for programs */
            code: string;
            /** @description For people */
            detail: string;
            /** @description Finds the request in the service's log */
            request_id: string;
            /** @description What is wrong, and where */
            errors?: {
                path: string;
                message: string;
                code?: string;
            }[];
            /** @description Bytes, events, levels or keys that a body may have */
            limit?: number;
            /** @description Days that the answer may have */
            limit_days?: number;
            /** @description Points that the series may have */
            limit_points?: number;
        };
        /**
         * @example {
         *       "from": "2026-03-01",
         *       "to": "2026-03-02",
         *       "total": 1310,
         *       "events": {
         *         "view_item": 1200,
         *         "purchase": 110
         *       },
         *       "series": [
         *         {
         *           "start": "2026-03-01",
         *           "total": 700,
         *           "events": {
         *             "view_item": 640,
         *             "purchase": 60
         *           }
         *         },
         *         {
         *           "start": "2026-03-02",
         *           "total": 610,
         *           "events": {
         *             "view_item": 560,
         *             "purchase": 50
         *           }
         *         }
         *       ]
         *     }
         */
        EventFrequency: {
            /** Format: date */
            from: string;
            /** Format: date */
            to: string;
            total: number;
            /** @description Frequency by name */
            events: {
                [key: string]: number;
            };
            /** @description Every point of the range that is not in the future, empty ones included */
            series?: {
                /** @description A day as YYYY-MM-DD, or the instant at which the hour or minute begins */
                start: string;
                total: number;
                events: {
                    [key: string]: number;
                };
            }[];
        };
        /**
         * @description Which site the answer is about, and how fresh it is
         * @example {
         *       "site": "demo",
         *       "time_zone": "Europe/Madrid",
         *       "as_of": "2026-03-31T18:05:13.000Z",
         *       "applied": 48210,
         *       "lag_events": 0,
         *       "lag_ms": 0,
         *       "complete": true,
         *       "cache": "miss"
         *     }
         */
        Meta: {
            /**
             * Format: date-time
             * @description When the question arrived
             */
            as_of: string;
            /** @description Applied records, of all sites */
            applied: number;
            /** @description Accepted but not applied yet; null: Kafka is away */
            lag_events: number | null;
            /** @description The highest possible age of the oldest of them */
            lag_ms: number | null;
            /** @description Whether everything accepted before as_of is in the answer */
            complete: boolean | null;
            site: string;
            /** @description The site's time zone, by which its days begin */
            time_zone: string;
            /**
             * @description hit: the answer was computed for an earlier question. none: this question is never cached
             * @enum {string}
             */
            cache: "hit" | "miss" | "none";
        };
        /**
         * @description With numbers and verdicts when some messages are not counted, or were put right
         * @example {
         *       "success": true
         *     }
         */
        SegmentAnswer: {
            /** @constant */
            success: true;
            accepted?: number;
            refused?: number;
            /** @description Stored, but too late to be counted */
            dead_lettered?: number;
            /** @description One for each event, in the request's order. `id` identifies the event from now on */
            events?: (components["schemas"]["AcceptedEvent"] | components["schemas"]["DeadLetteredEvent"] | components["schemas"]["RefusedEvent"])[];
        };
        /**
         * @example {
         *       "integrations": {
         *         "Segment.io": {
         *           "apiKey": "shop-write-key",
         *           "apiHost": "footfall.example/v1",
         *           "protocol": "https",
         *           "type": "browser",
         *           "versionSettings": {
         *             "componentTypes": [
         *               "browser"
         *             ]
         *           },
         *           "unbundledIntegrations": [],
         *           "addBundledMetadata": false
         *         }
         *       },
         *       "plan": {
         *         "track": {
         *           "__default": {
         *             "enabled": true,
         *             "integrations": {}
         *           }
         *         },
         *         "identify": {
         *           "__default": {
         *             "enabled": true,
         *             "integrations": {}
         *           }
         *         },
         *         "group": {
         *           "__default": {
         *             "enabled": true,
         *             "integrations": {}
         *           }
         *         }
         *       },
         *       "edgeFunction": {},
         *       "analyticsNextEnabled": true,
         *       "middlewareSettings": {},
         *       "enabledMiddleware": {},
         *       "metrics": {
         *         "sampleRate": 0
         *       },
         *       "legacyVideoPluginsEnabled": false,
         *       "remotePlugins": []
         *     }
         */
        SegmentSettings: {
            integrations: {
                "Segment.io": {
                    apiKey: string;
                    /** @description This host, with `/v1` */
                    apiHost: string;
                    /** @enum {string} */
                    protocol: "http" | "https";
                } & {
                    [key: string]: unknown;
                };
            } & {
                [key: string]: unknown;
            };
            /** @description All events are sent */
            plan: {
                [key: string]: unknown;
            };
            /** @description The library measures nothing about itself; it would send that to Segment */
            metrics: {
                /** @constant */
                sampleRate: 0;
            } & {
                [key: string]: unknown;
            };
        } & {
            [key: string]: unknown;
        };
        /**
         * @example {
         *       "validationMessages": []
         *     }
         * @example {
         *       "validationMessages": [
         *         {
         *           "fieldPath": "events[0].name",
         *           "description": "Event name [first_open] is reserved.",
         *           "validationCode": "NAME_RESERVED"
         *         }
         *       ]
         *     }
         */
        ValidationMessages: {
            validationMessages: {
                fieldPath: string;
                description: string;
                /** @enum {string} */
                validationCode: "VALUE_INVALID" | "VALUE_REQUIRED" | "NAME_INVALID" | "NAME_RESERVED" | "VALUE_OUT_OF_BOUNDS" | "EXCEEDED_MAX_ENTITIES";
            }[];
        };
        /**
         * @example {
         *       "id": "shoes",
         *       "name": "From shoes to an order",
         *       "by": "user",
         *       "window_hours": 24,
         *       "steps": [
         *         {
         *           "event": "view_item",
         *           "filters": [
         *             {
         *               "field": "category",
         *               "value": "shoes"
         *             }
         *           ]
         *         },
         *         {
         *           "event": "purchase"
         *         }
         *       ],
         *       "effective_from": "2026-03-01T10:00:02.000Z"
         *     }
         */
        FunnelDefinition: {
            id: string;
            name: string;
            /** @enum {string} */
            by: "user" | "session";
            window_hours: number;
            steps: {
                event: string;
                /** @description All must hold. A field of items holds when one of the items has the value */
                filters?: {
                    /** @enum {string} */
                    field: "country" | "device" | "browser" | "os" | "page" | "search_term" | "source" | "medium" | "campaign" | "referrer" | "item_id" | "category" | "brand";
                    value: string;
                }[];
            }[];
            /**
             * Format: date-time
             * @description Events received from then on are counted; absent: all
             */
            effective_from?: string;
        };
        /**
         * @example {
         *       "funnels": [
         *         {
         *           "id": "shop",
         *           "name": "Shop",
         *           "by": "user",
         *           "window_hours": 168,
         *           "steps": [
         *             {
         *               "event": "view_item"
         *             },
         *             {
         *               "event": "add_to_cart"
         *             },
         *             {
         *               "event": "begin_checkout"
         *             },
         *             {
         *               "event": "add_shipping_info"
         *             },
         *             {
         *               "event": "add_payment_info"
         *             },
         *             {
         *               "event": "purchase"
         *             }
         *           ]
         *         }
         *       ]
         *     }
         */
        Funnels: {
            funnels: components["schemas"]["FunnelDefinition"][];
        };
        /**
         * @example {
         *       "id": "shop",
         *       "name": "Shop",
         *       "by": "user",
         *       "window_hours": 168,
         *       "from": "2026-03-01",
         *       "to": "2026-03-31",
         *       "steps": [
         *         {
         *           "step": 1,
         *           "event": "view_item",
         *           "count": 3000,
         *           "rate_from_first": 1,
         *           "rate_from_previous": 1,
         *           "drop_off": 0,
         *           "median_seconds": null
         *         },
         *         {
         *           "step": 2,
         *           "event": "add_to_cart",
         *           "count": 1200,
         *           "rate_from_first": 0.4,
         *           "rate_from_previous": 0.4,
         *           "drop_off": 1800,
         *           "median_seconds": 95
         *         }
         *       ]
         *     }
         */
        Funnel: {
            id: string;
            name: string;
            /** @enum {string} */
            by: "user" | "session";
            window_hours: number;
            /** Format: date */
            from: string;
            /** Format: date */
            to: string;
            steps: {
                step: number;
                event: string;
                /** @description All must hold. A field of items holds when one of the items has the value */
                filters?: {
                    /** @enum {string} */
                    field: "country" | "device" | "browser" | "os" | "page" | "search_term" | "source" | "medium" | "campaign" | "referrer" | "item_id" | "category" | "brand";
                    value: string;
                }[];
                /** @description Users, or sessions, that entered in the range and reached this step */
                count: number;
                rate_from_first: number | null;
                rate_from_previous: number | null;
                /** @description Users, or sessions, that took the step before and not this one */
                drop_off: number;
                /** @description Since the step before, over all entries; exact below 1,000, then to three digits */
                median_seconds: number | null;
            }[];
            /** @description With `interval=day`: the days with events. A user who enters on two days is in both, and once in `steps` */
            days?: {
                /** Format: date */
                date: string;
                /** @description One for each of the steps, in their order */
                counts: number[];
            }[];
        };
        /**
         * @example {
         *       "site": {
         *         "id": "shoes",
         *         "name": "Shoes of Madrid",
         *         "zone": "Europe/Madrid",
         *         "currency": "EUR",
         *         "retention_days": 1095,
         *         "lateness_hours": 72,
         *         "invalid_events_a_day": 10000,
         *         "allowed_origins": [
         *           "https://shoes.example"
         *         ],
         *         "ignored_referrers": [
         *           "bank.example"
         *         ],
         *         "measurement_ids": [],
         *         "created_at": "2026-11-25T10:00:00.000Z",
         *         "keys": [
         *           {
         *             "id": "q1XzP0aBc9Lm",
         *             "kind": "read",
         *             "hint": "x7Qa",
         *             "created_at": "2026-11-25T10:00:00.000Z"
         *           }
         *         ]
         *       },
         *       "new_keys": [
         *         {
         *           "id": "q1XzP0aBc9Lm",
         *           "kind": "read",
         *           "hint": "x7Qa",
         *           "created_at": "2026-11-25T10:00:00.000Z",
         *           "key": "ffr_Zk3v8WmT1cRbN5yJq0Hsx7Qa"
         *         }
         *       ],
         *       "funnels": [],
         *       "funnels_failed": []
         *     }
         */
        NewSite: {
            site: components["schemas"]["Site"];
            /** @description One key of each kind */
            new_keys: {
                id: string;
                /** @enum {string} */
                kind: "write" | "read" | "admin";
                name?: string;
                hint: string;
                /** Format: date-time */
                created_at: string;
                /** Format: date-time */
                expires_at?: string;
                /** @description The key itself. It is shown only once */
                key: string;
            }[];
            funnels: components["schemas"]["FunnelDefinition"][];
            /** @description Ids of funnels that could not be defined. The site exists; define them later with POST /v1/funnels */
            funnels_failed: string[];
        };
        /**
         * @example {
         *       "id": "shoes",
         *       "name": "Shoes of Madrid",
         *       "zone": "Europe/Madrid",
         *       "currency": "EUR",
         *       "retention_days": 1095,
         *       "lateness_hours": 72,
         *       "invalid_events_a_day": 10000,
         *       "allowed_origins": [
         *         "https://shoes.example"
         *       ],
         *       "ignored_referrers": [
         *         "bank.example"
         *       ],
         *       "measurement_ids": [],
         *       "created_at": "2026-11-25T10:00:00.000Z",
         *       "keys": [
         *         {
         *           "id": "q1XzP0aBc9Lm",
         *           "kind": "read",
         *           "hint": "x7Qa",
         *           "created_at": "2026-11-25T10:00:00.000Z"
         *         }
         *       ]
         *     }
         */
        Site: {
            id: string;
            /** @description Default: "UTC" */
            zone: string;
            name?: string;
            /** @description Default: "USD" */
            currency: string;
            /** @description Default: 1095 */
            retention_days: number;
            /** @description Default: 72 */
            lateness_hours: number;
            /** @description Default: 10000 */
            invalid_events_a_day: number;
            /** @description Default: [] */
            allowed_origins: string[];
            /** @description Default: [] */
            ignored_referrers: string[];
            /** @description Default: [] */
            measurement_ids: string[];
            /** Format: date-time */
            created_at: string;
            keys: {
                id: string;
                /** @enum {string} */
                kind: "write" | "read" | "admin";
                name?: string;
                hint: string;
                /** Format: date-time */
                created_at: string;
                /** Format: date-time */
                expires_at?: string;
            }[];
        };
        /**
         * @example {
         *       "sites": [
         *         {
         *           "id": "shoes",
         *           "name": "Shoes of Madrid",
         *           "zone": "Europe/Madrid",
         *           "currency": "EUR",
         *           "retention_days": 1095,
         *           "lateness_hours": 72,
         *           "invalid_events_a_day": 10000,
         *           "allowed_origins": [
         *             "https://shoes.example"
         *           ],
         *           "ignored_referrers": [
         *             "bank.example"
         *           ],
         *           "measurement_ids": [],
         *           "created_at": "2026-11-25T10:00:00.000Z",
         *           "keys": [
         *             {
         *               "id": "q1XzP0aBc9Lm",
         *               "kind": "read",
         *               "hint": "x7Qa",
         *               "created_at": "2026-11-25T10:00:00.000Z"
         *             }
         *           ]
         *         }
         *       ]
         *     }
         */
        Sites: {
            sites: components["schemas"]["Site"][];
        };
        /**
         * @example {
         *       "id": "q1XzP0aBc9Lm",
         *       "kind": "read",
         *       "hint": "x7Qa",
         *       "created_at": "2026-11-25T10:00:00.000Z",
         *       "key": "ffr_Zk3v8WmT1cRbN5yJq0Hsx7Qa"
         *     }
         */
        NewKey: {
            id: string;
            /** @enum {string} */
            kind: "write" | "read" | "admin";
            name?: string;
            hint: string;
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            expires_at?: string;
            /** @description The key itself. It is shown only once */
            key: string;
        };
        /**
         * @example {
         *       "new_key": {
         *         "id": "q1XzP0aBc9Lm",
         *         "kind": "read",
         *         "hint": "x7Qa",
         *         "created_at": "2026-11-25T10:00:00.000Z",
         *         "key": "ffr_Zk3v8WmT1cRbN5yJq0Hsx7Qa"
         *       },
         *       "old_key": {
         *         "id": "q1XzP0aBc9Lm",
         *         "kind": "read",
         *         "hint": "x7Qa",
         *         "created_at": "2026-11-25T10:00:00.000Z",
         *         "expires_at": "2026-11-26T10:00:00.000Z"
         *       }
         *     }
         */
        RotatedKey: {
            new_key: {
                id: string;
                /** @enum {string} */
                kind: "write" | "read" | "admin";
                name?: string;
                hint: string;
                /** Format: date-time */
                created_at: string;
                /** Format: date-time */
                expires_at?: string;
                /** @description The key itself. It is shown only once */
                key: string;
            };
            old_key: {
                id: string;
                /** @enum {string} */
                kind: "write" | "read" | "admin";
                name?: string;
                hint: string;
                /** Format: date-time */
                created_at: string;
                /** Format: date-time */
                expires_at?: string;
            };
        };
        /**
         * @example {
         *       "letters": [
         *         {
         *           "letter": "events-3-17",
         *           "status": "replayed",
         *           "reason": "too_late",
         *           "detail": "It happened more than 72 hours before it was received.",
         *           "site": "shoes",
         *           "name": "purchase",
         *           "at": "2026-11-25T10:00:00.000Z",
         *           "received": "2026-11-25T10:00:00.000Z",
         *           "actions": [
         *             {
         *               "action": "replay",
         *               "at": "2026-11-25T11:00:00.000Z",
         *               "by": "site:shoes",
         *               "note": "The tills were offline"
         *             },
         *             {
         *               "action": "done",
         *               "at": "2026-11-25T11:00:00.100Z",
         *               "by": "site:shoes"
         *             }
         *           ]
         *         }
         *       ]
         *     }
         */
        DeadLetters: {
            letters: {
                /** @description Key of the letter: topic-partition-offset of the rejected record */
                letter: string;
                /**
                 * @description `replaying`: its replay has begun; the next request or sweep finishes it
                 * @enum {string}
                 */
                status: "open" | "replaying" | "replayed" | "discarded";
                /** @enum {string} */
                reason: "not_json" | "not_an_event" | "unknown_version" | "unknown_site" | "wrong_key" | "wrong_partition" | "too_late" | "invalid";
                detail: string;
                /** @description Site that the record names */
                site?: string;
                /** @description Name of the event */
                name?: string;
                /**
                 * Format: date-time
                 * @description When the record was written
                 */
                at: string;
                /** Format: date-time */
                received?: string;
                /** @description Letter whose replay was rejected and became this letter */
                replays?: string;
                /** @description Letter that its replay became when it was rejected again */
                became?: string;
                actions: {
                    /** @enum {string} */
                    action: "replay" | "done" | "discard";
                    /** Format: date-time */
                    at: string;
                    /** @description `installation`, `site:<id>` for the admin key of a site, or `sweep` */
                    by: string;
                    note?: string;
                }[];
            }[];
            /** @description Absent on the last page */
            next_cursor?: string;
        };
        /**
         * @example {
         *       "counts": [
         *         {
         *           "day": "2026-11-25",
         *           "reason": "too_late",
         *           "site": "shoes",
         *           "status": "open",
         *           "letters": 12,
         *           "dropped": 0
         *         }
         *       ],
         *       "open": 12
         *     }
         */
        DeadLetterCounts: {
            counts: {
                /** Format: date */
                day: string;
                /** @enum {string} */
                reason: "not_json" | "not_an_event" | "unknown_version" | "unknown_site" | "wrong_key" | "wrong_partition" | "too_late" | "invalid";
                /** @description Absent: the records name no site */
                site?: string;
                /** @enum {string} */
                status: "open" | "replaying" | "replayed" | "discarded";
                /** @description Letters that are listed */
                letters: number;
                /** @description Letters that are no longer listed: a site has 100,000, and settled ones go first, then the oldest */
                dropped: number;
            }[];
            /** @description Open letters that match the filter, over all pages */
            open: number;
            /** @description Absent on the last page */
            next_cursor?: string;
        };
        /**
         * @example {
         *       "letter": "events-3-17",
         *       "status": "replayed",
         *       "reason": "too_late",
         *       "detail": "It happened more than 72 hours before it was received.",
         *       "site": "shoes",
         *       "name": "purchase",
         *       "at": "2026-11-25T10:00:00.000Z",
         *       "received": "2026-11-25T10:00:00.000Z",
         *       "actions": [
         *         {
         *           "action": "replay",
         *           "at": "2026-11-25T11:00:00.000Z",
         *           "by": "site:shoes",
         *           "note": "The tills were offline"
         *         },
         *         {
         *           "action": "done",
         *           "at": "2026-11-25T11:00:00.100Z",
         *           "by": "site:shoes"
         *         }
         *       ],
         *       "record": {
         *         "topic": "events",
         *         "partition": 3,
         *         "offset": 17,
         *         "key": "shoes:ada"
         *       },
         *       "text": "{\"v\":1,\"id\":\"e-1\"}",
         *       "base64": "eyJ2IjoxLCJpZCI6ImUtMSJ9",
         *       "refused_now": {
         *         "code": "too_late",
         *         "message": "It happened more than 72 hours before it was received."
         *       }
         *     }
         */
        DeadLetter: {
            /** @description Key of the letter: topic-partition-offset of the rejected record */
            letter: string;
            /**
             * @description `replaying`: its replay has begun; the next request or sweep finishes it
             * @enum {string}
             */
            status: "open" | "replaying" | "replayed" | "discarded";
            /** @enum {string} */
            reason: "not_json" | "not_an_event" | "unknown_version" | "unknown_site" | "wrong_key" | "wrong_partition" | "too_late" | "invalid";
            detail: string;
            /** @description Site that the record names */
            site?: string;
            /** @description Name of the event */
            name?: string;
            /**
             * Format: date-time
             * @description When the record was written
             */
            at: string;
            /** Format: date-time */
            received?: string;
            /** @description Letter whose replay was rejected and became this letter */
            replays?: string;
            /** @description Letter that its replay became when it was rejected again */
            became?: string;
            actions: {
                /** @enum {string} */
                action: "replay" | "done" | "discard";
                /** Format: date-time */
                at: string;
                /** @description `installation`, `site:<id>` for the admin key of a site, or `sweep` */
                by: string;
                note?: string;
            }[];
            /** @description Where the rejected record is in Kafka */
            record: {
                topic: string;
                partition: number;
                offset: number;
                /** @description Key of the record, as text. Absent: the record had none */
                key?: string;
            };
            /**
             * @description The person was erased since. The content is not shown and cannot be replayed
             * @constant
             */
            erased?: true;
            /** @description Content as text. Absent: it is not UTF-8, or longer than 500,000 bytes */
            text?: string;
            /** @description Content, byte for byte */
            base64?: string;
            /** @description Why a replay without changes would be rejected. Absent: it would be counted, or the letter is not open */
            refused_now?: {
                code: string;
                message: string;
                /** @description With `invalid`: where the problem is in the event, in its own format */
                path?: string;
            };
        };
        /**
         * @example {
         *       "replayed": 499,
         *       "already": [],
         *       "refused": [
         *         {
         *           "letter": "events-3-19",
         *           "code": "too_late",
         *           "message": "It happened more than 72 hours before it was received."
         *         }
         *       ],
         *       "remaining": 1250,
         *       "next_cursor": "WzE3NjQwNjQ4MDAwMDAsImV2ZW50cy0zLTE5Il0"
         *     }
         */
        Replayed: {
            /** @description Letters that were published again. Each is counted once, a moment later */
            replayed: number;
            /** @description Named letters that were replayed or discarded before */
            already: {
                letter: string;
                /** @enum {string} */
                status: "open" | "replaying" | "replayed" | "discarded";
            }[];
            /** @description Letters that this request did not change, and why: a dead-letter reason, a failed patch, or `out_of_time` for named letters to send again */
            refused: {
                letter: string;
                code: string;
                message: string;
                /** @description With `invalid`: where the problem is in the event, in its own format */
                path?: string;
            }[];
            /** @description Open letters with this `reason` that the request did not reach */
            remaining: number;
            /** @description Send it as `cursor` to continue. Absent: there are no more letters */
            next_cursor?: string;
        };
        /**
         * @example {
         *       "discarded": 1,
         *       "already": [],
         *       "refused": [],
         *       "remaining": 0
         *     }
         */
        Discarded: {
            discarded: number;
            /** @description Named letters that were replayed or discarded before */
            already: {
                letter: string;
                /** @enum {string} */
                status: "open" | "replaying" | "replayed" | "discarded";
            }[];
            /** @description Letters that this request did not change, and why: a dead-letter reason, a failed patch, or `out_of_time` for named letters to send again */
            refused: {
                letter: string;
                code: string;
                message: string;
                /** @description With `invalid`: where the problem is in the event, in its own format */
                path?: string;
            }[];
            /** @description Open letters with this `reason` that the request did not reach */
            remaining: number;
            /** @description Send it as `cursor` to continue. Absent: there are no more letters */
            next_cursor?: string;
        };
        /**
         * @example {
         *       "asked": "ada",
         *       "user_id": null,
         *       "ids": 1,
         *       "held": [],
         *       "interactions": [
         *         {
         *           "user": "ada",
         *           "month": "2026-03",
         *           "id": "e-1",
         *           "name": "view_item",
         *           "timestamp": "2026-03-31T18:05:12.250Z",
         *           "items": [
         *             {
         *               "id": "tea-1",
         *               "quantity": 1
         *             }
         *           ]
         *         }
         *       ],
         *       "next_cursor": "WyJhZGEiLDY3NSwxXQ"
         *     }
         */
        Held: {
            asked: string;
            /** @description The user that the requested anonymous id became. This export is of that id alone; request the user for all */
            user_id: string | null;
            /** @description Number of the person's ids, over all pages */
            ids: number;
            /** @description Each id appears on one page only */
            held: {
                id: string;
                state: {
                    first_seen: string | null;
                    last_seen: string | null;
                    /** @description First event with the shop's own user id */
                    known_since: string | null;
                    /** @description `n:<event>`: number of events. Revenue, refunds and orders by currency; money in minor units */
                    counters: {
                        [key: string]: number;
                    };
                    active_days: string[];
                    sessions: {
                        /** Format: date-time */
                        start: string;
                        /** Format: date-time */
                        end: string;
                        /** @description Views of pages and screens */
                        views: number;
                        /** @description Time in the foreground, as far as the client says so */
                        engaged_ms: number;
                        /** @description What the senders call the session */
                        names: string[];
                        /** @description Steps of a purchase, by their events */
                        reached: ("view_item" | "add_to_cart" | "begin_checkout")[];
                        orders: number;
                        money: {
                            [key: string]: number;
                        };
                        /** @enum {string} */
                        kept_as: "minute" | "hour" | "day";
                        attributes: {
                            [key: string]: {
                                value: string;
                                /** Format: date-time */
                                since: string;
                            };
                        };
                    }[];
                    /** @description Earlier sessions; only their number is kept */
                    closed_sessions: number;
                    sessions_closed_until: string | null;
                    funnels: {
                        funnel: string;
                        /** @description Times at which each step was taken */
                        steps: string[][];
                        settled: {
                            /** Format: date */
                            day: string;
                            steps: number;
                        }[];
                        settled_until: string | null;
                    }[];
                    cart: {
                        last_purchase: string | null;
                        last_activity: string | null;
                        /** @description Those that late events may still concern */
                        purchases: string[];
                        /** @description Other events about carts that changed no line */
                        touches: string[];
                        settled_until: string | null;
                        changes: {
                            /** Format: date-time */
                            at: string;
                            product_id: string;
                            /** @description Pieces, with up to three decimals */
                            quantity: number;
                            currency: string | null;
                            amount_minor: number;
                        }[];
                    };
                    products: {
                        product_id: string;
                        /** Format: date-time */
                        last_seen: string;
                    }[];
                    orders: {
                        /** @description null: the order has none */
                        transaction_id: string | null;
                        copies: {
                            /** Format: date-time */
                            at: string;
                            /** @description The event's id */
                            id: string;
                            /** @description The id of the person under which it came */
                            sent_as: string;
                            /** @description How it came in, as far as the order keeps it */
                            way_in: string | null;
                            /** @description Whether a server sent it, and not the visitor's device */
                            server: boolean;
                            currency: string | null;
                            total_minor: number | null;
                            session_id: string | null;
                        }[];
                        /** @description Whether the order counts as this person’s */
                        is_buyer: boolean;
                        /** @description What was given back, by currency */
                        refunded_minor: {
                            [key: string]: number;
                        };
                    }[];
                    /** @description The user that this anonymous id became */
                    user_id: string | null;
                    /** @description The latest 100 anonymous ids that became this user */
                    aliases: string[];
                    /** @description Earlier such ids, 1000 at most. `held` has all */
                    further_aliases: string[];
                    /** @description Hashes that detect repeated events; they contain nothing else */
                    event_ids: {
                        since: string | null;
                        hashes: number;
                    };
                    /** @description Characters written to the timeline, by month */
                    timeline_bytes: {
                        month: string;
                        characters: number;
                    }[];
                    /** @description An earlier erasure of this id removed everything received until then */
                    erased_until: string | null;
                } | null;
                /** @description When the id entered each of the site's lists */
                lists: {
                    /** @description null: not in this list */
                    live: string | null;
                    /** @description null: not in this list */
                    checkout: string | null;
                    /** @description null: not in this list */
                    filled_cart: string | null;
                    /** @description null: not in this list */
                    cart_to_look_at: string | null;
                    /** @description null: not in this list */
                    cart_signalled: string | null;
                    signal_under_way: string | null;
                };
            }[];
            /** @description By id and month, in order of arrival */
            interactions: {
                /** @description The id that the event was sent with */
                user: string;
                month: string;
                id: string;
                name: string;
                /** Format: date-time */
                timestamp: string;
                items?: {
                    [key: string]: string | number;
                }[];
                value_minor?: number;
                currency?: string;
                transaction_id?: string;
                page?: string;
                search_term?: string;
                properties?: {
                    [key: string]: string | number | boolean;
                };
                item_list_id?: string;
                item_list_name?: string;
                promotion_id?: string;
                promotion_name?: string;
                creative_name?: string;
                creative_slot?: string;
                coupon?: string;
                affiliation?: string;
                location_id?: string;
                /** @description Minor units */
                tax_minor?: number;
                /** @description Minor units */
                shipping_minor?: number;
                /** @description Minor units */
                discount_minor?: number;
                payment_type?: string;
                shipping_tier?: string;
                customer_type?: string;
            }[];
            /** @description Absent on the last page */
            next_cursor?: string;
        };
        /**
         * @example {
         *       "receipt": "7d8f3c52-6f0e-4a51-9d0b-0d9a5f0f8f8a",
         *       "site": "demo",
         *       "status": "done",
         *       "requested_at": "2026-03-31T18:05:12.250Z",
         *       "recorded_at": "2026-03-31T18:05:12.301Z",
         *       "ids": 1,
         *       "keys": 3,
         *       "entries": 2,
         *       "erased": [
         *         {
         *           "sha256": "G3Xw8iFtaCAVwbpGrE4yqpNGXhqz9sRrKjmJVWg3Dts",
         *           "keys": 3,
         *           "entries": 2,
         *           "recorded_at": "2026-03-31T18:05:12.301Z"
         *         }
         *       ]
         *     }
         */
        Receipt: {
            /** Format: uuid */
            receipt: string;
            site: string;
            /**
             * @description done: no data of the person is stored or in progress any more
             * @enum {string}
             */
            status: "pending" | "done";
            /**
             * Format: date-time
             * @description Everything received until then is erased
             */
            requested_at: string;
            /** @description When the last erasure record was written to the log; null while pending */
            recorded_at: string | null;
            /** @description Number of the person's ids */
            ids: number;
            /** @description Redis keys removed */
            keys: number;
            /** @description Entries removed from lists of users in Redis */
            entries: number;
            /** @description The ids that are erased */
            erased: {
                /** @description SHA-256 of `site:id`, base64url. The id itself is not kept */
                sha256: string;
                keys: number;
                entries: number;
                /** @description null: erased along with another id of the person */
                recorded_at: string | null;
            }[];
        };
        /**
         * @example {
         *       "as_of": "2026-03-31T18:05:13.000Z",
         *       "kafka": {
         *         "status": "up",
         *         "brokers": [
         *           {
         *             "id": 1,
         *             "host": "kafka-1.internal",
         *             "port": 9092
         *           }
         *         ],
         *         "controller": 1
         *       },
         *       "redis": {
         *         "status": "up",
         *         "servers": [
         *           {
         *             "address": "redis.internal:6379",
         *             "version": "7.2.5",
         *             "used_memory": 82315264,
         *             "maxmemory": 8589934592,
         *             "policy": "noeviction",
         *             "keys": 48210
         *           }
         *         ]
         *       },
         *       "topics": [
         *         {
         *           "topic": "events",
         *           "holds": "events",
         *           "exists": true,
         *           "partitions": [
         *             {
         *               "partition": 0,
         *               "low": 0,
         *               "end": 12053
         *             }
         *           ]
         *         }
         *       ],
         *       "partitions": [
         *         {
         *           "partition": 0,
         *           "end": 12053,
         *           "applied": 12051,
         *           "lag_events": 2,
         *           "lag_ms": 640,
         *           "applied_at": "2026-03-31T18:05:12.360Z"
         *         }
         *       ],
         *       "generations": [
         *         {
         *           "id": "5",
         *           "format": 5,
         *           "topic": "events",
         *           "partitions": 1,
         *           "state": "live",
         *           "current": true,
         *           "begun": null,
         *           "progress": {
         *             "applied": 12051,
         *             "left": 2,
         *             "share_done": 0.999834
         *           }
         *         }
         *       ],
         *       "versions": {
         *         "footfall": "0.2.0",
         *         "state_format": 5,
         *         "node": "v24.4.0"
         *       }
         *     }
         */
        System: {
            /** Format: date-time */
            as_of: string;
            kafka: {
                /** @enum {string} */
                status: "up" | "down";
                /** @description Absent when Kafka does not tell */
                brokers?: {
                    id: number;
                    host: string;
                    port: number;
                }[];
                /** @description The id of the broker that leads the others */
                controller?: number | null;
            };
            redis: {
                /** @enum {string} */
                status: "up" | "down";
                /** @description The server, or the primaries of a cluster. Absent when Redis is down; null: the server does not tell */
                servers?: {
                    address: string;
                    version: string | null;
                    /** @description Bytes */
                    used_memory: number | null;
                    /** @description Bytes; 0: no limit */
                    maxmemory: number | null;
                    /** @description What happens when the memory is full */
                    policy: string | null;
                    /** @description Keys of the database, also those of other programs */
                    keys: number | null;
                }[];
            };
            /** @description The topics of this installation. Absent when Kafka is down */
            topics?: components["schemas"]["Topic"][];
            /** @description Of the events topic: how far each shard of the current generation has come */
            partitions: {
                partition: number;
                /** @description The offset of the next record; null: Kafka is down */
                end: number | null;
                /** @description The offset of the next record to apply; null: Redis is down */
                applied: number | null;
                /** @description Accepted but not applied yet; null: Kafka or Redis is down */
                lag_events: number | null;
                /** @description The highest possible age of the oldest of them; null: any age, or not known */
                lag_ms: number | null;
                /** @description When the last applied record was accepted; null: none, or Redis is down */
                applied_at: string | null;
            }[];
            /** @description The current one first. One is being built while its state is building or ready */
            generations: {
                id: string;
                /** @description State format of the programs that count it */
                format: number;
                topic: string;
                partitions: number;
                /** @enum {string} */
                state: "building" | "ready" | "live" | "old" | "freeing";
                /** @description Whether the answers come from it */
                current: boolean;
                /** @description Null: with the installation */
                begun: string | null;
                /** @description Absent when Kafka or Redis is down, and while it is being freed */
                progress?: {
                    /** @description Offsets that are applied, of those Kafka has */
                    applied: number;
                    /** @description Offsets that are still to be applied */
                    left: number;
                    share_done: number;
                };
            }[];
            versions: {
                footfall: string;
                /** @description Of the program that answers */
                state_format: number;
                node: string;
            };
        };
        Topic: {
            topic: string;
            /** @enum {string} */
            holds: "events" | "dead_letters" | "signals" | "sites";
            /** @description False: nothing was ever sent there, or it was deleted */
            exists: boolean;
            partitions: {
                partition: number;
                /** @description The offset of the first record that Kafka still has */
                low: number;
                /** @description The offset of the next record */
                end: number;
            }[];
        };
        /**
         * @description A page may have fewer records than `limit`: offsets hold markers, and large records are read few at a time
         * @example {
         *       "topic": "events",
         *       "partition": 0,
         *       "low": 0,
         *       "end": 12053,
         *       "records": [
         *         {
         *           "offset": 12052,
         *           "timestamp": "2026-03-31T18:05:12.800Z",
         *           "key": {
         *             "bytes": 9,
         *             "text": "shoes:ada",
         *             "cut": false
         *           },
         *           "value": {
         *             "bytes": 5310,
         *             "text": "{\"v\":1,\"id\":\"4f5d…\",\"site\":\"shoes\",\"user\":\"ada\",",
         *             "cut": true
         *           },
         *           "headers": {}
         *         }
         *       ],
         *       "next_before": 12052
         *     }
         */
        TopicRecords: {
            topic: string;
            partition: number;
            /** @description The offset of the first record that Kafka still has */
            low: number;
            /** @description The offset of the next record */
            end: number;
            records: {
                offset: number;
                /**
                 * Format: date-time
                 * @description When it was accepted
                 */
                timestamp: string;
                key: components["schemas"]["Shortened"] | null;
                /** @description Null: a tombstone, in a compacted topic */
                value: components["schemas"]["Shortened"] | null;
                headers: {
                    [key: string]: components["schemas"]["Shortened"];
                };
            }[];
            /** @description With `from`: where the next page begins; absent at the end */
            next_from?: number;
            /** @description Without `from`: where the next, older page ends; absent at the beginning */
            next_before?: number;
        };
        Shortened: {
            /** @description Length of the whole, in bytes */
            bytes: number;
            /** @description Absent when it is not UTF-8 */
            text?: string;
            /** @description Instead of `text` */
            base64?: string;
            /** @description Whether this is only the beginning */
            cut: boolean;
        };
        /**
         * @example {
         *       "key": "ff:6:{p0}:head",
         *       "type": "hash",
         *       "ttl_ms": null,
         *       "size": 5,
         *       "memory": 192,
         *       "entries": [
         *         {
         *           "field": {
         *             "bytes": 4,
         *             "text": "next",
         *             "cut": false
         *           },
         *           "value": {
         *             "bytes": 5,
         *             "text": "12051",
         *             "cut": false
         *           }
         *         }
         *       ],
         *       "cut": true,
         *       "masked": false
         *     }
         */
        RedisKey: {
            key: string;
            /** @enum {string} */
            type: "string" | "hash" | "list" | "set" | "zset" | "other";
            /** @description Until it expires; null: never */
            ttl_ms: number | null;
            /** @description Bytes of a string, entries of anything else */
            size: number;
            /** @description Bytes of Redis, estimated; null: not told */
            memory: number | null;
            /** @description Of a string */
            value?: components["schemas"]["Shortened"];
            /** @description The first 100 of anything else; those of a sorted set by score */
            entries?: {
                /** @description Of a hash */
                field?: components["schemas"]["Shortened"];
                value: components["schemas"]["Shortened"];
                /** @description Of a sorted set */
                score?: number | null;
            }[];
            /** @description Whether there is more than is shown */
            cut: boolean;
            /** @description Whether secrets in it are masked */
            masked: boolean;
            /** @description A packed user state or order of up to 64 kB, or the beginning of a timeline, decoded. Instants are ms since the epoch, money is in minor units */
            readable?: unknown;
        };
        /**
         * @example {
         *       "status": "ok",
         *       "reasons": [],
         *       "redis": "up",
         *       "kafka": "up",
         *       "freshness": {
         *         "as_of": "2026-03-31T18:05:13.000Z",
         *         "applied": 48210,
         *         "lag_events": 0,
         *         "lag_ms": 0,
         *         "complete": true
         *       },
         *       "lost": 0,
         *       "ahead": 0,
         *       "healing": {
         *         "partitions": 0,
         *         "records_left": 0,
         *         "share_done": 1
         *       },
         *       "redis_memory_percent": 41.7,
         *       "open_dead_letters": 0
         *     }
         */
        Health: {
            /**
             * @description ok: all numbers are right and new. degraded: they are behind, being refilled, or lack what was lost. unavailable: Kafka or Redis is away, or new events are not counted; comes with 503
             * @enum {string}
             */
            status: "ok" | "degraded" | "unavailable";
            /** @description Why the status is not ok; docs/runbook.md says what to do about each */
            reasons: ("redis_down" | "kafka_down" | "ahead" | "redis_full" | "behind" | "healing" | "lost")[];
            /** @enum {string} */
            redis: "up" | "down";
            /** @enum {string} */
            kafka: "up" | "down";
            /** @description Absent when Redis is down */
            freshness?: {
                /**
                 * Format: date-time
                 * @description When the question arrived
                 */
                as_of: string;
                /** @description Applied records, of all sites */
                applied: number;
                /** @description Accepted but not applied yet; null: Kafka is away */
                lag_events: number | null;
                /** @description The highest possible age of the oldest of them */
                lag_ms: number | null;
                /** @description Whether everything accepted before as_of is in the answer */
                complete: boolean | null;
            };
            /** @description Records that Kafka deleted before they were applied; absent when Redis is down */
            lost?: number;
            /** @description Records that Redis has applied and Kafka does not have: the topic was made again, and new events are skipped until it is as long as before. Then empty Redis. Absent when Redis or Kafka is down */
            ahead?: number;
            /** @description Redis is behind what its consumer group had committed: it lost data and is being refilled. Absent when Redis or Kafka is down, or the group is not known (AGGREGATE_GROUP) */
            healing?: {
                /** @description Partitions with missing records */
                partitions: number;
                /** @description Records still to be read from Kafka again */
                records_left: number;
                /** @description The applied share of what Kafka has of these partitions and was applied before; 1 when nothing is missing */
                share_done: number;
            };
            /** @description Share of its memory limit (`maxmemory`) that Redis uses, in percent, in a cluster that of the fullest server. From 100 on it refuses writes: `redis_full`. Absent when Redis has no limit, or does not say */
            redis_memory_percent?: number;
            /** @description Dead letters that were neither replayed nor discarded; absent when they cannot be counted */
            open_dead_letters?: number;
        };
        /**
         * @example {
         *       "kind": "read",
         *       "key": {
         *         "id": "q1XzP0aBc9Lm",
         *         "name": "Screen in the office",
         *         "hint": "x7Qa"
         *       },
         *       "sites": [
         *         {
         *           "id": "shoes",
         *           "name": "Shoes of Madrid",
         *           "zone": "Europe/Madrid",
         *           "currency": "EUR",
         *           "retention_days": 1095,
         *           "created_at": "2026-11-25T10:00:00.000Z"
         *         }
         *       ]
         *     }
         */
        KeyAccess: {
            /**
             * @description What the key is
             * @enum {string}
             */
            kind: "read" | "admin" | "installation";
            /** @description The key, without its secret. The installation's admin key has no such record */
            key?: {
                id: string;
                name?: string;
                hint: string;
                /** Format: date-time */
                expires_at?: string;
            };
            /** @description The key's own site. With the installation's admin key: all sites, by id */
            sites: {
                id: string;
                name?: string;
                /** @description Default: "UTC" */
                zone: string;
                /** @description Default: "USD" */
                currency: string;
                /** @description Default: 1095 */
                retention_days: number;
                /** Format: date-time */
                created_at: string;
            }[];
        };
        /**
         * @example {
         *       "from": "2026-03-01",
         *       "to": "2026-03-31",
         *       "total_events": 48210,
         *       "bots": 1934,
         *       "users": 4390,
         *       "new_users": 3104,
         *       "returning_users": 1286,
         *       "new_accounts": 412,
         *       "new_customers": 398,
         *       "first_orders": 398,
         *       "first_revenue": [
         *         {
         *           "currency": "EUR",
         *           "amount": "29875.20",
         *           "amount_minor": 2987520
         *         }
         *       ],
         *       "repeat_orders": 241,
         *       "repeat_revenue": [
         *         {
         *           "currency": "EUR",
         *           "amount": "21420.70",
         *           "amount_minor": 2142070
         *         }
         *       ],
         *       "orders": 655,
         *       "refunds": 21,
         *       "units": 1402,
         *       "units_refunded": 30,
         *       "products": 873,
         *       "money": [
         *         {
         *           "currency": "EUR",
         *           "revenue": "52340.90",
         *           "refunded": "1210.00",
         *           "net": "51130.90",
         *           "revenue_minor": 5234090,
         *           "refunded_minor": 121000,
         *           "net_minor": 5113090,
         *           "gross": "54090.40",
         *           "discounts": "1749.50",
         *           "shipping": "2620.00",
         *           "tax": "9083.80",
         *           "gross_minor": 5409040,
         *           "discounts_minor": 174950,
         *           "shipping_minor": 262000,
         *           "tax_minor": 908380,
         *           "unknown": {
         *             "discounts": 12,
         *             "shipping": 0,
         *             "tax": 0
         *           }
         *         }
         *       ],
         *       "average_order": [
         *         {
         *           "currency": "EUR",
         *           "amount": "79.91",
         *           "amount_minor": 7991
         *         }
         *       ],
         *       "sessions": 5020,
         *       "engaged_sessions": 3309,
         *       "engagement_rate": 0.6592,
         *       "bounces": 1711,
         *       "bounce_rate": 0.3408,
         *       "session_ms_average": 214730,
         *       "viewed_sessions": 3514,
         *       "view_rate": 0.7,
         *       "carted_sessions": 1205,
         *       "cart_rate": 0.24,
         *       "checkout_sessions": 803,
         *       "checkout_rate": 0.16,
         *       "converted_sessions": 601,
         *       "conversion_rate": 0.1197
         *     }
         */
        Overview: {
            /** Format: date */
            from: string;
            /** Format: date */
            to: string;
            total_events: number;
            /** @description Events of bots; no other number includes them */
            bots: number;
            /** @description Different users with an event in the range; exact */
            users: number;
            /** @description Users whose first event ever is in the range */
            new_users: number;
            /** @description users − new_users */
            returning_users: number;
            /** @description Users whose first event with the shop's user id is in the range */
            new_accounts: number;
            /** @description People whose first order is in the range, by all of their ids */
            new_customers: number;
            /** @description Orders that are the first one of their buyer: as many as there are new customers */
            first_orders: number;
            /** @description Their revenue by currency */
            first_revenue: {
                currency: string;
                /** @description In units of the currency */
                amount: string;
                /** @description The same in minor units (ISO 4217) */
                amount_minor: number;
            }[];
            /** @description Later orders of their buyers */
            repeat_orders: number;
            /** @description Their revenue by currency */
            repeat_revenue: {
                currency: string;
                /** @description In units of the currency */
                amount: string;
                /** @description The same in minor units (ISO 4217) */
                amount_minor: number;
            }[];
            orders: number;
            refunds: number;
            /** @description Pieces, with up to three decimals */
            units: number;
            /** @description Pieces, with up to three decimals */
            units_refunded: number;
            /** @description Products with an event in the range */
            products: number;
            money: components["schemas"]["OrderMoney"][];
            /** @description Revenue / orders with an amount, by currency, rounded to minor units; refunds are not subtracted */
            average_order: {
                currency: string;
                /** @description In units of the currency */
                amount: string;
                /** @description The same in minor units (ISO 4217) */
                amount_minor: number;
            }[];
            /** @description Sessions that began in the range; 30 minutes without an event end a session */
            sessions: number;
            /** @description Sessions of 10 seconds, with two views or with an order (GA4's engaged sessions). Events that clients send by themselves, such as scroll and user_engagement, do not count for this */
            engaged_sessions: number;
            /** @description engaged_sessions / sessions */
            engagement_rate: number | null;
            /** @description Sessions that are not engaged */
            bounces: number;
            /** @description bounces / sessions */
            bounce_rate: number | null;
            /** @description Time between the first and last event of a session, ms */
            session_ms_average: number | null;
            /** @description Sessions with a view_item */
            viewed_sessions: number;
            /** @description viewed_sessions / sessions */
            view_rate: number | null;
            /** @description Sessions with an add_to_cart */
            carted_sessions: number;
            /** @description carted_sessions / sessions */
            cart_rate: number | null;
            /** @description Sessions with a begin_checkout */
            checkout_sessions: number;
            /** @description checkout_sessions / sessions */
            checkout_rate: number | null;
            /** @description Sessions with an order */
            converted_sessions: number;
            /** @description converted_sessions / sessions */
            conversion_rate: number | null;
        };
        OrderMoney: {
            currency: string;
            /** @description Orders, in units of the currency */
            revenue: string;
            refunded: string;
            /** @description revenue − refunded */
            net: string;
            /** @description The same in minor units (ISO 4217) */
            revenue_minor: number;
            refunded_minor: number;
            net_minor: number;
            /** @description revenue + discounts, so gross − discounts − refunded = net. An order that says no discount counts with its revenue */
            gross: string;
            /** @description Of the orders that say theirs; revenue is without them */
            discounts: string;
            /** @description Of the orders that say theirs. Whether revenue includes it is the choice of the sender */
            shipping: string;
            /** @description As shipping */
            tax: string;
            gross_minor: number;
            discounts_minor: number;
            shipping_minor: number;
            tax_minor: number;
            /** @description Orders in the currency that do not say the part */
            unknown: {
                discounts: number;
                shipping: number;
                tax: number;
            };
        };
        /**
         * @example {
         *       "metric": "revenue",
         *       "grain": "day",
         *       "zone": "Europe/Madrid",
         *       "currency": "EUR",
         *       "points": [
         *         {
         *           "start": "2026-03-01",
         *           "value": 125000,
         *           "amount": "1250.00"
         *         }
         *       ]
         *     }
         */
        Series: {
            /** @enum {string} */
            metric: "events" | "bots" | "sessions" | "engaged_sessions" | "engagement_rate" | "bounces" | "bounce_rate" | "session_ms_average" | "viewed_sessions" | "view_rate" | "carted_sessions" | "cart_rate" | "checkout_sessions" | "checkout_rate" | "converted_sessions" | "conversion_rate" | "orders" | "refunds" | "units" | "units_refunded" | "new_customers" | "repeat_orders" | "gross" | "discounts" | "revenue" | "refunded" | "net" | "shipping" | "tax" | "average_order" | "users" | "new_users" | "returning_users" | "new_accounts" | "carts_filled" | "carts_emptied" | "carts_bought" | "carts_left" | "carts_left_rate" | "carts_recovered" | "carts_recovery_rate" | "carts_left_value" | "carts_recovered_value";
            grain: string;
            zone: string;
            currency?: string;
            points: {
                /** @description The first day (YYYY-MM-DD), or an instant for hours and minutes */
                start: string;
                /** @description Money in minor units, units with up to three decimals; null: there is nothing to divide by */
                value: number | null;
                /** @description Money in units of the currency */
                amount?: string;
            }[];
            /** @description With also: the further metrics, in the order of the question */
            also?: {
                /** @enum {string} */
                metric: "events" | "bots" | "sessions" | "engaged_sessions" | "engagement_rate" | "bounces" | "bounce_rate" | "session_ms_average" | "viewed_sessions" | "view_rate" | "carted_sessions" | "cart_rate" | "checkout_sessions" | "checkout_rate" | "converted_sessions" | "conversion_rate" | "orders" | "refunds" | "units" | "units_refunded" | "new_customers" | "repeat_orders" | "gross" | "discounts" | "revenue" | "refunded" | "net" | "shipping" | "tax" | "average_order" | "users" | "new_users" | "returning_users" | "new_accounts" | "carts_filled" | "carts_emptied" | "carts_bought" | "carts_left" | "carts_left_rate" | "carts_recovered" | "carts_recovery_rate" | "carts_left_value" | "carts_recovered_value";
                currency?: string;
                /** @description With the starts of those above */
                points: {
                    /** @description The first day (YYYY-MM-DD), or an instant for hours and minutes */
                    start: string;
                    /** @description Money in minor units, units with up to three decimals; null: there is nothing to divide by */
                    value: number | null;
                    /** @description Money in units of the currency */
                    amount?: string;
                }[];
            }[];
            by?: string;
            /** @description With by: the values with the most in the range, the largest first, then the rest */
            series?: {
                /** @description A value of the dimension, as in a breakdown; (rest): all others together */
                value: string;
                /** @description Over the whole range */
                total: number | null;
                points: {
                    /** @description The first day (YYYY-MM-DD), or an instant for hours and minutes */
                    start: string;
                    /** @description Money in minor units, units with up to three decimals; null: there is nothing to divide by */
                    value: number | null;
                    /** @description Money in units of the currency */
                    amount?: string;
                }[];
            }[];
        };
        /**
         * @example {
         *       "metric": "orders",
         *       "from": "2026-03-02",
         *       "to": "2026-03-29",
         *       "hours": [
         *         {
         *           "weekday": 1,
         *           "hour": 0,
         *           "times": 4,
         *           "value": 12
         *         }
         *       ]
         *     }
         */
        WeekdayHour: {
            metric: string;
            currency?: string;
            /** Format: date */
            from: string;
            /** Format: date */
            to: string;
            /** @description All 168 hours of a week, Monday first */
            hours: {
                /** @description 1: Monday, 7: Sunday */
                weekday: number;
                /** @description By the site's clock */
                hour: number;
                /** @description How often this hour has begun in the range: the number to divide by for an average */
                times: number;
                /** @description The sum, or the rate of all of them together; money in minor units */
                value: number | null;
                /** @description Money in units of the currency */
                amount?: string;
            }[];
        };
        /**
         * @example {
         *       "dimension": "page",
         *       "metric": "events",
         *       "total_values": 2,
         *       "rows": [
         *         {
         *           "value": "/thanks",
         *           "events": 30110,
         *           "orders": 311,
         *           "refunds": 9,
         *           "money": []
         *         },
         *         {
         *           "value": "(not set)",
         *           "events": 18100,
         *           "orders": 344,
         *           "refunds": 12,
         *           "money": []
         *         }
         *       ]
         *     }
         */
        Breakdown: {
            /** @enum {string} */
            dimension: "country" | "device" | "browser" | "os" | "page" | "search_term" | "coupon" | "category" | "brand" | "source" | "medium" | "campaign" | "referrer" | "landing_page" | "channel" | "bot";
            metric: string;
            total_values: number;
            rows: {
                /** @description (not set): without a value; (other): all values beyond those that are kept for a day */
                value: string;
                /** @description By the value that the event has itself */
                events?: number;
                interactions?: number;
                views?: number;
                carts?: number;
                purchases?: number;
                /** @description Pieces, with up to three decimals */
                units?: number;
                /** @description Pieces, with up to three decimals */
                units_refunded?: number;
                /** @description Sessions that began in the range; 30 minutes without an event end a session */
                sessions?: number;
                /** @description Sessions of 10 seconds, with two views or with an order (GA4's engaged sessions). Events that clients send by themselves, such as scroll and user_engagement, do not count for this */
                engaged_sessions?: number;
                /** @description engaged_sessions / sessions */
                engagement_rate?: number | null;
                /** @description Sessions that are not engaged */
                bounces?: number;
                /** @description bounces / sessions */
                bounce_rate?: number | null;
                /** @description Time between the first and last event of a session, ms */
                session_ms_average?: number | null;
                /** @description Sessions with a view_item */
                viewed_sessions?: number;
                /** @description viewed_sessions / sessions */
                view_rate?: number | null;
                /** @description Sessions with an add_to_cart */
                carted_sessions?: number;
                /** @description carted_sessions / sessions */
                cart_rate?: number | null;
                /** @description Sessions with a begin_checkout */
                checkout_sessions?: number;
                /** @description checkout_sessions / sessions */
                checkout_rate?: number | null;
                /** @description Sessions with an order */
                converted_sessions?: number;
                /** @description converted_sessions / sessions */
                conversion_rate?: number | null;
                /** @description For dimensions of sessions: of these sessions */
                orders?: number;
                refunds?: number;
                /** @description gross, discounts, shipping, tax and unknown are there for values of orders, not of items */
                money?: components["schemas"]["BreakdownMoney"][];
                /** @description For dimensions of sessions, instead of money: of their orders. Refunds belong to no session */
                revenue?: {
                    currency: string;
                    /** @description In units of the currency */
                    amount: string;
                    /** @description The same in minor units (ISO 4217) */
                    amount_minor: number;
                }[];
            }[];
            /** @description For dimensions of sessions: the range's orders less those of all rows. Such orders have no session, as a server's may not. An order counts on its own day, and in its session on the day on which that began. So this is below zero when sessions of the last day bought after midnight */
            outside_visits?: {
                orders: number;
                revenue: {
                    currency: string;
                    /** @description In units of the currency */
                    amount: string;
                    /** @description The same in minor units (ISO 4217) */
                    amount_minor: number;
                }[];
            };
            /** @description Absent on the last page */
            next_cursor?: string;
        };
        BreakdownMoney: {
            currency: string;
            /** @description Orders, in units of the currency */
            revenue: string;
            refunded: string;
            /** @description revenue − refunded */
            net: string;
            /** @description The same in minor units (ISO 4217) */
            revenue_minor: number;
            refunded_minor: number;
            net_minor: number;
            /** @description revenue + discounts, so gross − discounts − refunded = net. An order that says no discount counts with its revenue */
            gross?: string;
            /** @description Of the orders that say theirs; revenue is without them */
            discounts?: string;
            /** @description Of the orders that say theirs. Whether revenue includes it is the choice of the sender */
            shipping?: string;
            /** @description As shipping */
            tax?: string;
            gross_minor?: number;
            discounts_minor?: number;
            shipping_minor?: number;
            tax_minor?: number;
            /** @description Orders in the currency that do not say the part */
            unknown?: {
                discounts: number;
                shipping: number;
                tax: number;
            };
        };
        /**
         * @example {
         *       "metric": "revenue",
         *       "currency": "EUR",
         *       "total_products": 873,
         *       "products": [
         *         {
         *           "rank": 1,
         *           "product_id": "tea-1",
         *           "name": "Green tea",
         *           "value": 125000,
         *           "amount": "1250.00",
         *           "views": 1200,
         *           "carts": 300,
         *           "purchases": 96,
         *           "units": 100,
         *           "view_to_cart_rate": 0.25,
         *           "cart_to_purchase_rate": 0.32
         *         }
         *       ]
         *     }
         */
        Products: {
            metric: string;
            currency?: string;
            /** @description Products with this metric in the range */
            total_products: number;
            products: {
                rank: number;
                product_id: string;
                name?: string;
                /** @description The metric; money is in minor units, units have up to three decimals */
                value: number;
                /** @description Money in units of the currency */
                amount?: string;
                views: number;
                carts: number;
                purchases: number;
                /** @description Pieces, with up to three decimals */
                units: number;
                /** @description carts / views */
                view_to_cart_rate: number | null;
                /** @description purchases / carts */
                cart_to_purchase_rate: number | null;
            }[];
            /** @description Absent on the last page */
            next_cursor?: string;
        };
        /**
         * @example {
         *       "product_id": "tea-1",
         *       "name": "Green tea",
         *       "from": "2026-03-01",
         *       "to": "2026-03-01",
         *       "interactions": 2021,
         *       "views": 1200,
         *       "carts": 300,
         *       "purchases": 96,
         *       "units": 100,
         *       "view_to_cart_rate": 0.25,
         *       "cart_to_purchase_rate": 0.32,
         *       "clicks": 410,
         *       "refunds": 3,
         *       "others": 12,
         *       "units_refunded": 3,
         *       "money": [
         *         {
         *           "currency": "EUR",
         *           "revenue": "52340.90",
         *           "refunded": "1210.00",
         *           "net": "51130.90",
         *           "revenue_minor": 5234090,
         *           "refunded_minor": 121000,
         *           "net_minor": 5113090
         *         }
         *       ],
         *       "days": [
         *         {
         *           "date": "2026-03-01",
         *           "views": 1200,
         *           "carts": 300,
         *           "purchases": 96,
         *           "units": 100,
         *           "view_to_cart_rate": 0.25,
         *           "cart_to_purchase_rate": 0.32,
         *           "clicks": 410,
         *           "refunds": 3,
         *           "others": 12,
         *           "units_refunded": 3
         *         }
         *       ]
         *     }
         */
        Product: {
            product_id: string;
            name?: string;
            /** Format: date */
            from: string;
            /** Format: date */
            to: string;
            interactions: number;
            views: number;
            carts: number;
            purchases: number;
            /** @description Pieces, with up to three decimals */
            units: number;
            /** @description carts / views */
            view_to_cart_rate: number | null;
            /** @description purchases / carts */
            cart_to_purchase_rate: number | null;
            clicks: number;
            refunds: number;
            others: number;
            /** @description Pieces, with up to three decimals */
            units_refunded: number;
            money: components["schemas"]["Money"][];
            days: {
                /** Format: date */
                date: string;
                views: number;
                carts: number;
                purchases: number;
                /** @description Pieces, with up to three decimals */
                units: number;
                /** @description carts / views */
                view_to_cart_rate: number | null;
                /** @description purchases / carts */
                cart_to_purchase_rate: number | null;
                clicks: number;
                refunds: number;
                others: number;
                /** @description Pieces, with up to three decimals */
                units_refunded: number;
            }[];
        };
        Money: {
            currency: string;
            /** @description Orders, in units of the currency */
            revenue: string;
            refunded: string;
            /** @description revenue − refunded */
            net: string;
            /** @description The same in minor units (ISO 4217) */
            revenue_minor: number;
            refunded_minor: number;
            net_minor: number;
        };
        /**
         * @example {
         *       "by": "month",
         *       "rows": [
         *         {
         *           "key": "2026-03",
         *           "orders": 655,
         *           "refunds": 21,
         *           "money": [
         *             {
         *               "currency": "EUR",
         *               "revenue": "52340.90",
         *               "refunded": "1210.00",
         *               "net": "51130.90",
         *               "revenue_minor": 5234090,
         *               "refunded_minor": 121000,
         *               "net_minor": 5113090,
         *               "gross": "54090.40",
         *               "discounts": "1749.50",
         *               "shipping": "2620.00",
         *               "tax": "9083.80",
         *               "gross_minor": 5409040,
         *               "discounts_minor": 174950,
         *               "shipping_minor": 262000,
         *               "tax_minor": 908380,
         *               "unknown": {
         *                 "discounts": 12,
         *                 "shipping": 0,
         *                 "tax": 0
         *               }
         *             }
         *           ],
         *           "average_order": [
         *             {
         *               "currency": "EUR",
         *               "amount": "79.91",
         *               "amount_minor": 7991
         *             }
         *           ]
         *         }
         *       ]
         *     }
         */
        Revenue: {
            by: string;
            rows: {
                /** @description YYYY-MM-DD, YYYY-MM, or the country; (not set): the country is unknown */
                key: string;
                orders: number;
                refunds: number;
                money: components["schemas"]["OrderMoney"][];
                /** @description Revenue / orders with an amount, by currency, rounded to minor units; refunds are not subtracted */
                average_order: {
                    currency: string;
                    /** @description In units of the currency */
                    amount: string;
                    /** @description The same in minor units (ISO 4217) */
                    amount_minor: number;
                }[];
            }[];
        };
        /**
         * @example {
         *       "orders": [
         *         {
         *           "id": "T-1042",
         *           "transaction_id": "T-1042",
         *           "time": "2026-03-31T18:05:12.250Z",
         *           "local_time": "2026-03-31 20:05:12",
         *           "currency": "EUR",
         *           "gross": "55.00",
         *           "discounts": "5.00",
         *           "revenue": "50.00",
         *           "refunded": "25.00",
         *           "net": "25.00",
         *           "shipping": "4.90",
         *           "tax": null,
         *           "gross_minor": 5500,
         *           "discounts_minor": 500,
         *           "revenue_minor": 5000,
         *           "refunded_minor": 2500,
         *           "net_minor": 2500,
         *           "shipping_minor": 490,
         *           "tax_minor": null,
         *           "units": 2,
         *           "user_id": "ada",
         *           "is_first": false,
         *           "coupon": "SPRING",
         *           "country": "ES",
         *           "source": "newsletter",
         *           "medium": "email",
         *           "channel": "Email",
         *           "lines": 1,
         *           "copies": 2
         *         }
         *       ]
         *     }
         */
        Orders: {
            orders: {
                /** @description The transaction id, else the id of the event */
                id: string;
                /** @description null: the order has none */
                transaction_id: string | null;
                /** Format: date-time */
                time: string;
                /**
                 * @description The same by the site's clock: YYYY-MM-DD HH:MM:SS
                 * @example 2026-03-31 20:05:12
                 */
                local_time: string;
                currency: string | null;
                /** @description revenue + discounts: in units of the currency, as all amounts; null: the order says no money. An order that says no discount has its revenue */
                gross: string | null;
                /** @description null: not known, since no copy says it in the currency of the order */
                discounts: string | null;
                /** @description The total as it was sent, else the sum of the lines */
                revenue: string | null;
                /** @description Refunds in the currency of the order */
                refunded: string | null;
                /** @description revenue − refunded */
                net: string | null;
                /** @description As discounts */
                shipping: string | null;
                /** @description As discounts */
                tax: string | null;
                /** @description The same in minor units (ISO 4217) */
                gross_minor: number | null;
                /** @description The same in minor units (ISO 4217) */
                discounts_minor: number | null;
                /** @description The same in minor units (ISO 4217) */
                revenue_minor: number | null;
                /** @description The same in minor units (ISO 4217) */
                refunded_minor: number | null;
                /** @description The same in minor units (ISO 4217) */
                net_minor: number | null;
                /** @description The same in minor units (ISO 4217) */
                shipping_minor: number | null;
                /** @description The same in minor units (ISO 4217) */
                tax_minor: number | null;
                /** @description Pieces, with up to three decimals */
                units: number;
                /** @description The buyer. null: no person, an erased one, or one who has bought a hundred times since then */
                user_id: string | null;
                /** @description Whether it is the buyer's first order; null: the buyer is not known, or no longer */
                is_first: boolean | null;
                coupon: string | null;
                country: string | null;
                /** @description Of the visit; null: the visit is not known, or no longer */
                source: string | null;
                /** @description As source */
                medium: string | null;
                /** @description As source */
                channel: string | null;
                lines: number;
                /** @description Purchases with this transaction id that the order was merged from, 20 at most */
                copies: number;
            }[];
            /** @description Absent on the last page */
            next_cursor?: string;
        };
        /**
         * @example {
         *       "id": "T-1042",
         *       "transaction_id": "T-1042",
         *       "time": "2026-03-31T18:05:12.250Z",
         *       "local_time": "2026-03-31 20:05:12",
         *       "currency": "EUR",
         *       "gross": "55.00",
         *       "discounts": "5.00",
         *       "revenue": "50.00",
         *       "refunded": "25.00",
         *       "net": "25.00",
         *       "shipping": "4.90",
         *       "tax": null,
         *       "gross_minor": 5500,
         *       "discounts_minor": 500,
         *       "revenue_minor": 5000,
         *       "refunded_minor": 2500,
         *       "net_minor": 2500,
         *       "shipping_minor": 490,
         *       "tax_minor": null,
         *       "units": 2,
         *       "user_id": "ada",
         *       "is_first": false,
         *       "coupon": "SPRING",
         *       "country": "ES",
         *       "source": "newsletter",
         *       "medium": "email",
         *       "channel": "Email",
         *       "lines": [
         *         {
         *           "product_id": "tea-1",
         *           "name": "Green tea",
         *           "quantity": 2,
         *           "amount": "50.00",
         *           "amount_minor": 5000,
         *           "discount": "5.00",
         *           "discount_minor": 500,
         *           "category": "Tea",
         *           "brand": null
         *         }
         *       ],
         *       "refunds": [
         *         {
         *           "id": "refund-7",
         *           "time": "2026-04-02T09:00:00.000Z",
         *           "local_time": "2026-04-02 11:00:00",
         *           "currency": "EUR",
         *           "amount": "25.00",
         *           "amount_minor": 2500,
         *           "lines": [
         *             {
         *               "product_id": "tea-1",
         *               "name": "Green tea",
         *               "quantity": 1,
         *               "amount": "25.00",
         *               "amount_minor": 2500,
         *               "category": "Tea",
         *               "brand": null
         *             }
         *           ]
         *         }
         *       ],
         *       "visit": {
         *         "start": "2026-03-31T17:55:02.100Z",
         *         "source": "newsletter",
         *         "medium": "email",
         *         "campaign": "spring",
         *         "referrer": "(not set)",
         *         "landing_page": "/p/tea-1",
         *         "channel": "Email",
         *         "device": "mobile",
         *         "browser": "Safari",
         *         "os": "iOS",
         *         "country": "ES"
         *       },
         *       "copies": [
         *         {
         *           "id": "e-1",
         *           "time": "2026-03-31T18:05:12.250Z",
         *           "local_time": "2026-03-31 20:05:12",
         *           "user_id": "ada",
         *           "way_in": "script",
         *           "server": false
         *         }
         *       ]
         *     }
         */
        Order: {
            /** @description The transaction id, else the id of the event */
            id: string;
            /** @description null: the order has none */
            transaction_id: string | null;
            /** Format: date-time */
            time: string;
            /**
             * @description The same by the site's clock: YYYY-MM-DD HH:MM:SS
             * @example 2026-03-31 20:05:12
             */
            local_time: string;
            currency: string | null;
            /** @description revenue + discounts: in units of the currency, as all amounts; null: the order says no money. An order that says no discount has its revenue */
            gross: string | null;
            /** @description null: not known, since no copy says it in the currency of the order */
            discounts: string | null;
            /** @description The total as it was sent, else the sum of the lines */
            revenue: string | null;
            /** @description Refunds in the currency of the order */
            refunded: string | null;
            /** @description revenue − refunded */
            net: string | null;
            /** @description As discounts */
            shipping: string | null;
            /** @description As discounts */
            tax: string | null;
            /** @description The same in minor units (ISO 4217) */
            gross_minor: number | null;
            /** @description The same in minor units (ISO 4217) */
            discounts_minor: number | null;
            /** @description The same in minor units (ISO 4217) */
            revenue_minor: number | null;
            /** @description The same in minor units (ISO 4217) */
            refunded_minor: number | null;
            /** @description The same in minor units (ISO 4217) */
            net_minor: number | null;
            /** @description The same in minor units (ISO 4217) */
            shipping_minor: number | null;
            /** @description The same in minor units (ISO 4217) */
            tax_minor: number | null;
            /** @description Pieces, with up to three decimals */
            units: number;
            /** @description The buyer. null: no person, an erased one, or one who has bought a hundred times since then */
            user_id: string | null;
            /** @description Whether it is the buyer's first order; null: the buyer is not known, or no longer */
            is_first: boolean | null;
            coupon: string | null;
            country: string | null;
            /** @description Of the visit; null: the visit is not known, or no longer */
            source: string | null;
            /** @description As source */
            medium: string | null;
            /** @description As source */
            channel: string | null;
            lines: {
                product_id: string;
                name?: string;
                /** @description Pieces, with up to three decimals */
                quantity: number;
                /** @description Of the whole line, in units of the currency; null: it has none */
                amount: string | null;
                amount_minor: number | null;
                /** @description Absent: the line says none */
                discount?: string | null;
                discount_minor?: number | null;
                category: string | null;
                brand: string | null;
            }[];
            /** @description In the order in which they happened */
            refunds: {
                /** @description The event's id */
                id: string;
                /** Format: date-time */
                time: string;
                /**
                 * @description The same by the site's clock: YYYY-MM-DD HH:MM:SS
                 * @example 2026-03-31 20:05:12
                 */
                local_time: string;
                currency: string | null;
                /** @description What it gives back; null: no money that is known */
                amount: string | null;
                amount_minor: number | null;
                lines: {
                    product_id: string;
                    name?: string;
                    /** @description Pieces, with up to three decimals */
                    quantity: number;
                    /** @description Of the whole line, in units of the currency; null: it has none */
                    amount: string | null;
                    amount_minor: number | null;
                    /** @description Absent: the line says none */
                    discount?: string | null;
                    discount_minor?: number | null;
                    category: string | null;
                    brand: string | null;
                }[];
            }[];
            /** @description The session in which it was bought; null: not known, or no longer */
            visit: {
                /** Format: date-time */
                start: string;
                source: string;
                medium: string;
                campaign: string;
                referrer: string;
                landing_page: string;
                channel: string;
                device: string;
                browser: string;
                os: string;
                country: string;
            } | null;
            /** @description The purchases that it was merged from, the earliest first, 20 at most. Of one person those that say more than the earlier ones */
            copies: {
                /** @description The event's id */
                id: string;
                /** Format: date-time */
                time: string;
                /**
                 * @description The same by the site's clock: YYYY-MM-DD HH:MM:SS
                 * @example 2026-03-31 20:05:12
                 */
                local_time: string;
                /** @description null: no person, or a forgotten one */
                user_id: string | null;
                /** @description How it came in, as in /v1/quality; null: not known */
                way_in: string | null;
                /** @description Whether a server sent it, and not the visitor's device */
                server: boolean;
            }[];
        };
        /**
         * @example {
         *       "from": "2026-03-01",
         *       "to": "2026-03-31",
         *       "sessions": 5020,
         *       "engaged_sessions": 3309,
         *       "engagement_rate": 0.6592,
         *       "bounces": 1711,
         *       "bounce_rate": 0.3408,
         *       "session_ms_average": 214730,
         *       "viewed_sessions": 3514,
         *       "view_rate": 0.7,
         *       "carted_sessions": 1205,
         *       "cart_rate": 0.24,
         *       "checkout_sessions": 803,
         *       "checkout_rate": 0.16,
         *       "converted_sessions": 601,
         *       "conversion_rate": 0.1197,
         *       "session_ms": 1077944600,
         *       "days": [
         *         {
         *           "date": "2026-03-01",
         *           "sessions": 5020,
         *           "engaged_sessions": 3309,
         *           "engagement_rate": 0.6592,
         *           "bounces": 1711,
         *           "bounce_rate": 0.3408,
         *           "session_ms_average": 214730,
         *           "viewed_sessions": 3514,
         *           "view_rate": 0.7,
         *           "carted_sessions": 1205,
         *           "cart_rate": 0.24,
         *           "checkout_sessions": 803,
         *           "checkout_rate": 0.16,
         *           "converted_sessions": 601,
         *           "conversion_rate": 0.1197
         *         }
         *       ]
         *     }
         */
        Sessions: {
            /** Format: date */
            from: string;
            /** Format: date */
            to: string;
            /** @description Sessions that began in the range; 30 minutes without an event end a session */
            sessions: number;
            /** @description Sessions of 10 seconds, with two views or with an order (GA4's engaged sessions). Events that clients send by themselves, such as scroll and user_engagement, do not count for this */
            engaged_sessions: number;
            /** @description engaged_sessions / sessions */
            engagement_rate: number | null;
            /** @description Sessions that are not engaged */
            bounces: number;
            /** @description bounces / sessions */
            bounce_rate: number | null;
            /** @description Time between the first and last event of a session, ms */
            session_ms_average: number | null;
            /** @description Sessions with a view_item */
            viewed_sessions: number;
            /** @description viewed_sessions / sessions */
            view_rate: number | null;
            /** @description Sessions with an add_to_cart */
            carted_sessions: number;
            /** @description carted_sessions / sessions */
            cart_rate: number | null;
            /** @description Sessions with a begin_checkout */
            checkout_sessions: number;
            /** @description checkout_sessions / sessions */
            checkout_rate: number | null;
            /** @description Sessions with an order */
            converted_sessions: number;
            /** @description converted_sessions / sessions */
            conversion_rate: number | null;
            /** @description Total length of all sessions, ms */
            session_ms: number;
            days: {
                /** Format: date */
                date: string;
                /** @description Sessions that began in the range; 30 minutes without an event end a session */
                sessions: number;
                /** @description Sessions of 10 seconds, with two views or with an order (GA4's engaged sessions). Events that clients send by themselves, such as scroll and user_engagement, do not count for this */
                engaged_sessions: number;
                /** @description engaged_sessions / sessions */
                engagement_rate: number | null;
                /** @description Sessions that are not engaged */
                bounces: number;
                /** @description bounces / sessions */
                bounce_rate: number | null;
                /** @description Time between the first and last event of a session, ms */
                session_ms_average: number | null;
                /** @description Sessions with a view_item */
                viewed_sessions: number;
                /** @description viewed_sessions / sessions */
                view_rate: number | null;
                /** @description Sessions with an add_to_cart */
                carted_sessions: number;
                /** @description carted_sessions / sessions */
                cart_rate: number | null;
                /** @description Sessions with a begin_checkout */
                checkout_sessions: number;
                /** @description checkout_sessions / sessions */
                checkout_rate: number | null;
                /** @description Sessions with an order */
                converted_sessions: number;
                /** @description converted_sessions / sessions */
                conversion_rate: number | null;
            }[];
        };
        /**
         * @example {
         *       "from": "2026-03-01",
         *       "to": "2026-03-31",
         *       "users": 4390,
         *       "new_users": 3104,
         *       "returning_users": 1286
         *     }
         */
        UniqueUsers: {
            /** Format: date */
            from: string;
            /** Format: date */
            to: string;
            /** @description Different users with an event in the range; exact */
            users: number;
            /** @description Users whose first event ever is in the range */
            new_users: number;
            /** @description users − new_users */
            returning_users: number;
        };
        /**
         * @example {
         *       "period": "week",
         *       "cohorts": [
         *         {
         *           "start": "2026-03-02",
         *           "users": 700,
         *           "retained": [
         *             {
         *               "period": 0,
         *               "users": 700,
         *               "rate": 1
         *             },
         *             {
         *               "period": 1,
         *               "users": 210,
         *               "rate": 0.3
         *             }
         *           ]
         *         }
         *       ]
         *     }
         */
        Retention: {
            /** @enum {string} */
            period: "day" | "week" | "month";
            cohorts: {
                /**
                 * Format: date
                 * @description First day of the period in which the users were first seen
                 */
                start: string;
                users: number;
                retained: {
                    /** @description Periods after the first one, which is 0 */
                    period: number;
                    users: number;
                    rate: number | null;
                }[];
            }[];
        };
        /**
         * @example {
         *       "from": "2026-03-01",
         *       "to": "2026-03-31",
         *       "new_customers": 398,
         *       "first_orders": 398,
         *       "first_revenue": [
         *         {
         *           "currency": "EUR",
         *           "amount": "29875.20",
         *           "amount_minor": 2987520
         *         }
         *       ],
         *       "repeat_orders": 241,
         *       "repeat_revenue": [
         *         {
         *           "currency": "EUR",
         *           "amount": "21420.70",
         *           "amount_minor": 2142070
         *         }
         *       ],
         *       "unknown_orders": 16,
         *       "unknown_revenue": [
         *         {
         *           "currency": "EUR",
         *           "amount": "1045.00",
         *           "amount_minor": 104500
         *         }
         *       ],
         *       "repeat_customers": 92,
         *       "repeat_rate": 0.2312,
         *       "days_to_second_order": {
         *         "median": 24,
         *         "spans": [
         *           {
         *             "from_days": 0,
         *             "to_days": 7,
         *             "customers": 19
         *           },
         *           {
         *             "from_days": 8,
         *             "to_days": 30,
         *             "customers": 38
         *           },
         *           {
         *             "from_days": 31,
         *             "to_days": 60,
         *             "customers": 21
         *           },
         *           {
         *             "from_days": 61,
         *             "to_days": 90,
         *             "customers": 9
         *           },
         *           {
         *             "from_days": 91,
         *             "to_days": null,
         *             "customers": 5
         *           }
         *         ]
         *       }
         *     }
         */
        Customers: {
            /** Format: date */
            from: string;
            /** Format: date */
            to: string;
            /** @description People whose first order is in the range, by all of their ids */
            new_customers: number;
            /** @description Orders that are the first one of their buyer: as many as there are new customers */
            first_orders: number;
            /** @description Their revenue by currency */
            first_revenue: {
                currency: string;
                /** @description In units of the currency */
                amount: string;
                /** @description The same in minor units (ISO 4217) */
                amount_minor: number;
            }[];
            /** @description Later orders of their buyers */
            repeat_orders: number;
            /** @description Their revenue by currency */
            repeat_revenue: {
                currency: string;
                /** @description In units of the currency */
                amount: string;
                /** @description The same in minor units (ISO 4217) */
                amount_minor: number;
            }[];
            /** @description Orders without a known buyer; with the other two they are all orders */
            unknown_orders: number;
            /** @description Their revenue by currency */
            unknown_revenue: {
                currency: string;
                /** @description In units of the currency */
                amount: string;
                /** @description The same in minor units (ISO 4217) */
                amount_minor: number;
            }[];
            /** @description Of the new customers those with a second order until now, in the range or later */
            repeat_customers: number;
            /** @description repeat_customers / new_customers */
            repeat_rate: number | null;
            /** @description Of the repeat customers. Days are days of the site's calendar: 0 is the same day */
            days_to_second_order: {
                /** @description Days from the first order to the second one; null: there is none */
                median: number | null;
                spans: {
                    from_days: number;
                    /** @description null: any number of days */
                    to_days: number | null;
                    customers: number;
                }[];
            };
        };
        /**
         * @example {
         *       "period": "month",
         *       "cohorts": [
         *         {
         *           "start": "2026-03-01",
         *           "customers": 398,
         *           "periods": [
         *             {
         *               "period": 0,
         *               "customers": 398,
         *               "orders": 431,
         *               "net_revenue": [
         *                 {
         *                   "currency": "EUR",
         *                   "amount": "31204.10",
         *                   "amount_minor": 3120410
         *                 }
         *               ],
         *               "net_revenue_per_customer": [
         *                 {
         *                   "currency": "EUR",
         *                   "amount": "78.40",
         *                   "amount_minor": 7840
         *                 }
         *               ]
         *             },
         *             {
         *               "period": 1,
         *               "customers": 61,
         *               "orders": 74,
         *               "net_revenue": [
         *                 {
         *                   "currency": "EUR",
         *                   "amount": "36912.30",
         *                   "amount_minor": 3691230
         *                 }
         *               ],
         *               "net_revenue_per_customer": [
         *                 {
         *                   "currency": "EUR",
         *                   "amount": "92.74",
         *                   "amount_minor": 9274
         *                 }
         *               ]
         *             }
         *           ]
         *         }
         *       ]
         *     }
         */
        CustomerCohorts: {
            /** @enum {string} */
            period: "month" | "week";
            cohorts: {
                /**
                 * Format: date
                 * @description First day of the period of the first orders
                 */
                start: string;
                /** @description People whose first order is in the period */
                customers: number;
                periods: {
                    /** @description Periods after the first one, which is 0 */
                    period: number;
                    /** @description Those of them with an order in this period */
                    customers: number;
                    orders: number;
                    /** @description Revenue − refunds of their orders until the end of this period, by currency. A refund counts in the period of its order */
                    net_revenue: {
                        currency: string;
                        /** @description In units of the currency */
                        amount: string;
                        /** @description The same in minor units (ISO 4217) */
                        amount_minor: number;
                    }[];
                    /** @description net_revenue / customers of the cohort, rounded to minor units */
                    net_revenue_per_customer: {
                        currency: string;
                        /** @description In units of the currency */
                        amount: string;
                        /** @description The same in minor units (ISO 4217) */
                        amount_minor: number;
                    }[];
                }[];
            }[];
        };
        /**
         * @example {
         *       "threshold_minutes": 60,
         *       "total": 1,
         *       "carts": [
         *         {
         *           "user_id": "ana",
         *           "last_activity": "2026-03-31T16:40:02.000Z",
         *           "signalled": true,
         *           "lines": [
         *             {
         *               "product_id": "tea-1",
         *               "quantity": 2
         *             }
         *           ],
         *           "value": [
         *             {
         *               "currency": "EUR",
         *               "amount": "25.00",
         *               "amount_minor": 2500
         *             }
         *           ]
         *         }
         *       ]
         *     }
         */
        AbandonedCarts: {
            /** @description A cart without a change for this long counts as abandoned */
            threshold_minutes: number;
            total: number;
            carts: {
                user_id: string;
                /** Format: date-time */
                last_activity: string;
                /** @description cart_abandoned was published for it */
                signalled: boolean;
                lines: {
                    product_id: string;
                    /** @description Pieces, with up to three decimals */
                    quantity: number;
                }[];
                value: {
                    currency: string;
                    /** @description In units of the currency */
                    amount: string;
                    /** @description The same in minor units (ISO 4217) */
                    amount_minor: number;
                }[];
            }[];
            /** @description Absent on the last page */
            next_cursor?: string;
        };
        /**
         * @example {
         *       "threshold_minutes": 60,
         *       "from": "2026-03-31",
         *       "to": "2026-03-31",
         *       "filled": 410,
         *       "emptied": 31,
         *       "bought": 128,
         *       "active": 9,
         *       "left": 242,
         *       "left_rate": 0.6541,
         *       "recovered": 23,
         *       "recovery_rate": 0.095,
         *       "left_value": [
         *         {
         *           "currency": "EUR",
         *           "amount": "18204.50",
         *           "amount_minor": 1820450
         *         }
         *       ],
         *       "recovered_value": [
         *         {
         *           "currency": "EUR",
         *           "amount": "1920.00",
         *           "amount_minor": 192000
         *         }
         *       ],
         *       "days": [
         *         {
         *           "date": "2026-03-31",
         *           "filled": 410,
         *           "emptied": 31,
         *           "bought": 128,
         *           "active": 9,
         *           "left": 242,
         *           "left_rate": 0.6541,
         *           "recovered": 23,
         *           "recovery_rate": 0.095,
         *           "left_value": [
         *             {
         *               "currency": "EUR",
         *               "amount": "18204.50",
         *               "amount_minor": 1820450
         *             }
         *           ],
         *           "recovered_value": [
         *             {
         *               "currency": "EUR",
         *               "amount": "1920.00",
         *               "amount_minor": 192000
         *             }
         *           ]
         *         }
         *       ]
         *     }
         */
        CartsDaily: {
            /** @description A cart without a change for this long counts as left */
            threshold_minutes: number;
            /** Format: date */
            from: string;
            /** Format: date */
            to: string;
            /** @description Carts by the day on which they were last touched */
            filled: number;
            /** @description Of these: everything was taken out again */
            emptied: number;
            /** @description Bought before they counted as left */
            bought: number;
            /** @description Filled now, and touched within `threshold_minutes` */
            active: number;
            /** @description filled − emptied − bought − active: not touched for `threshold_minutes` */
            left: number;
            /** @description left / (filled − emptied − active) */
            left_rate: number | null;
            /** @description Of those left: bought later */
            recovered: number;
            /** @description recovered / left */
            recovery_rate: number | null;
            /** @description What was in the carts left, by currency */
            left_value: {
                currency: string;
                /** @description In units of the currency */
                amount: string;
                /** @description The same in minor units (ISO 4217) */
                amount_minor: number;
            }[];
            /** @description What was in those recovered, before the purchase */
            recovered_value: {
                currency: string;
                /** @description In units of the currency */
                amount: string;
                /** @description The same in minor units (ISO 4217) */
                amount_minor: number;
            }[];
            days: {
                /** Format: date */
                date: string;
                /** @description Carts by the day on which they were last touched */
                filled: number;
                /** @description Of these: everything was taken out again */
                emptied: number;
                /** @description Bought before they counted as left */
                bought: number;
                /** @description Filled now, and touched within `threshold_minutes` */
                active: number;
                /** @description filled − emptied − bought − active: not touched for `threshold_minutes` */
                left: number;
                /** @description left / (filled − emptied − active) */
                left_rate: number | null;
                /** @description Of those left: bought later */
                recovered: number;
                /** @description recovered / left */
                recovery_rate: number | null;
                /** @description What was in the carts left, by currency */
                left_value: {
                    currency: string;
                    /** @description In units of the currency */
                    amount: string;
                    /** @description The same in minor units (ISO 4217) */
                    amount_minor: number;
                }[];
                /** @description What was in those recovered, before the purchase */
                recovered_value: {
                    currency: string;
                    /** @description In units of the currency */
                    amount: string;
                    /** @description The same in minor units (ISO 4217) */
                    amount_minor: number;
                }[];
            }[];
        };
        /**
         * @example {
         *       "users_5m": 42,
         *       "users_30m": 160,
         *       "open_carts": {
         *         "users": 17,
         *         "value": [
         *           {
         *             "currency": "EUR",
         *             "amount": "1310.40",
         *             "amount_minor": 131040
         *           }
         *         ]
         *       },
         *       "checkouts": 3,
         *       "orders_30m": 5,
         *       "revenue_30m": [
         *         {
         *           "currency": "EUR",
         *           "amount": "245.50",
         *           "amount_minor": 24550
         *         }
         *       ],
         *       "pages": [
         *         {
         *           "page": "/",
         *           "views": 64
         *         },
         *         {
         *           "page": "/tea",
         *           "views": 31
         *         }
         *       ],
         *       "products": [
         *         {
         *           "product_id": "tea-1",
         *           "name": "Green tea",
         *           "views": 12
         *         }
         *       ],
         *       "minutes": [
         *         {
         *           "start": "2026-03-31T18:05:00+02:00",
         *           "events": 51,
         *           "views": 30,
         *           "carts": 4,
         *           "checkouts": 1,
         *           "orders": 1,
         *           "revenue": [
         *             {
         *               "currency": "EUR",
         *               "amount": "24.90",
         *               "amount_minor": 2490
         *             }
         *           ]
         *         }
         *       ]
         *     }
         */
        Live: {
            /** @description Users with an event within the last 5 minutes */
            users_5m: number;
            /** @description The same for 30 minutes */
            users_30m: number;
            /** @description Users with a filled cart that does not count as abandoned */
            open_carts: {
                users: number;
                /** @description What is in these carts, by currency */
                value: {
                    currency: string;
                    /** @description In units of the currency */
                    amount: string;
                    /** @description The same in minor units (ISO 4217) */
                    amount_minor: number;
                }[];
            };
            /** @description Users who began a checkout within the last 30 minutes, and have bought nothing since */
            checkouts: number;
            /** @description Orders in the minutes below */
            orders_30m: number;
            /** @description Their revenue, by currency */
            revenue_30m: {
                currency: string;
                /** @description In units of the currency */
                amount: string;
                /** @description The same in minor units (ISO 4217) */
                amount_minor: number;
            }[];
            /** @description The ten pages and screens with the most views in the minutes below */
            pages: {
                page: string;
                views: number;
            }[];
            /** @description The same for products: view_item */
            products: {
                product_id: string;
                name?: string;
                views: number;
            }[];
            /** @description The present minute and the 30 before it, oldest first */
            minutes: {
                /**
                 * Format: date-time
                 * @description By the site's clock
                 */
                start: string;
                events: number;
                /** @description Of products: view_item */
                views: number;
                /** @description add_to_cart */
                carts: number;
                /** @description begin_checkout */
                checkouts: number;
                orders: number;
                revenue: {
                    currency: string;
                    /** @description In units of the currency */
                    amount: string;
                    /** @description The same in minor units (ISO 4217) */
                    amount_minor: number;
                }[];
            }[];
        };
        /**
         * @example {
         *       "interactions": [
         *         {
         *           "id": "purchase:o-1001",
         *           "at": "2026-03-31T18:05:12.250Z",
         *           "name": "purchase",
         *           "user_id": "ada",
         *           "product_id": "tea-1",
         *           "product_name": "Green tea",
         *           "page": "/thank-you",
         *           "transaction_id": "o-1001",
         *           "value": {
         *             "currency": "EUR",
         *             "amount": "24.90",
         *             "amount_minor": 2490
         *           },
         *           "country": "ES",
         *           "device": "mobile"
         *         }
         *       ],
         *       "position": "WyI1IiwxMjAsMF0"
         *     }
         */
        NewestInteractions: {
            interactions: {
                /** @description The id of the event, unique for a user */
                id: string;
                /**
                 * Format: date-time
                 * @description When it happened
                 */
                at: string;
                name: string;
                /** @description The id under which it was counted: the user of a visitor who had signed in by then, else the anonymous id. Both lead to the same profile. Absent for an event of no person */
                user_id?: string;
                /** @description The first product */
                product_id?: string;
                product_name?: string;
                /** @description How many lines there are, when several */
                lines?: number;
                /** @description Its path */
                page?: string;
                search_term?: string;
                transaction_id?: string;
                value?: {
                    currency: string;
                    /** @description In units of the currency */
                    amount: string;
                    /** @description The same in minor units (ISO 4217) */
                    amount_minor: number;
                };
                country?: string;
                device?: string;
            }[];
            /** @description Give it as `after` to get what is counted from now on */
            position: string;
        };
        /**
         * @example {
         *       "q": "ada",
         *       "products": [
         *         {
         *           "product_id": "canada-mug",
         *           "name": "Mug",
         *           "interactions": 12
         *         }
         *       ],
         *       "people": [
         *         {
         *           "user_id": "ada",
         *           "id": "ada",
         *           "known": true,
         *           "last_seen": "2026-03-31T18:05:12.250Z"
         *         }
         *       ],
         *       "orders": []
         *     }
         */
        Search: {
            q: string;
            /** @description Products with the text in their id or name, in any case, and an interaction in the last 28 days; those with the most interactions first */
            products: {
                product_id: string;
                name?: string;
                /** @description Of the last 28 days */
                interactions: number;
            }[];
            /** @description The person with exactly this id, also an anonymous one. Then people whose id begins with the text, in any case, as far as they are in the site's newest interactions (/v1/live/interactions) */
            people: {
                /** @description The user; for an anonymous id that became a user, that user */
                user_id: string;
                /** @description The id that was found */
                id: string;
                /** @description True for the shop's own user id */
                known: boolean;
                /** Format: date-time */
                last_seen: string;
            }[];
            /** @description The order with exactly this transaction id */
            orders: {
                transaction_id: string;
                /** Format: date-time */
                at: string;
                /** @description The buyer. Absent: not known, or erased */
                user_id?: string;
                total?: {
                    currency: string;
                    /** @description In units of the currency */
                    amount: string;
                    /** @description The same in minor units (ISO 4217) */
                    amount_minor: number;
                };
                refunded: {
                    currency: string;
                    /** @description In units of the currency */
                    amount: string;
                    /** @description The same in minor units (ISO 4217) */
                    amount_minor: number;
                }[];
            }[];
        };
        /**
         * @example {
         *       "metric": "views",
         *       "half_life_hours": 6,
         *       "products": [
         *         {
         *           "rank": 1,
         *           "product_id": "tea-1",
         *           "name": "Green tea",
         *           "score": 81.4142
         *         }
         *       ]
         *     }
         */
        Trending: {
            /** @enum {string} */
            metric: "views" | "carts" | "purchases";
            half_life_hours: number;
            products: {
                rank: number;
                product_id: string;
                name?: string;
                /** @description The sum of the metric over the last 48 hours, weighted by age */
                score: number;
            }[];
        };
        /**
         * @example {
         *       "from": "2026-03-31",
         *       "to": "2026-03-31",
         *       "ways": [
         *         {
         *           "day": "2026-03-31",
         *           "via": "gtag",
         *           "as_it_came": 4210,
         *           "put_right": 118,
         *           "kept": 31,
         *           "refused": 0,
         *           "bots": 96
         *         }
         *       ],
         *       "findings": [
         *         {
         *           "day": "2026-03-31",
         *           "via": "gtag",
         *           "quality": "put_right",
         *           "code": "number_text",
         *           "path": "pr[].pr",
         *           "events": 118,
         *           "samples": [
         *             "$19.99",
         *             "$5.00"
         *           ]
         *         },
         *         {
         *           "day": "2026-03-31",
         *           "via": "gtag",
         *           "quality": "kept",
         *           "code": "invalid_event",
         *           "path": "epn.value",
         *           "events": 31,
         *           "samples": [
         *             "13,95"
         *           ]
         *         }
         *       ]
         *     }
         */
        Quality: {
            /** Format: date */
            from: string;
            /** Format: date */
            to: string;
            /** @description What came in, by day and way in, the latest day first */
            ways: {
                /** Format: date */
                day: string;
                /**
                 * @description The way in. `script`: the script for pages. `other`: a program that writes to Kafka itself
                 * @enum {string}
                 */
                via: "plain" | "script" | "segment" | "measurement_protocol" | "gtag" | "import" | "other";
                /** @description Events that were counted as they came */
                as_it_came: number;
                /** @description Events that were counted after something in them was put right */
                put_right: number;
                /** @description Events that became dead letters, also those that were replayed since */
                kept: number;
                /** @description Events that were not understood and are not kept: too many on a day, too large, or empty */
                refused: number;
                /** @description Events of bots, which are in no other number */
                bots: number;
            }[];
            /** @description What was put right, kept or refused, and why; the latest day first */
            findings: {
                /** Format: date */
                day: string;
                /**
                 * @description The way in. `script`: the script for pages. `other`: a program that writes to Kafka itself
                 * @enum {string}
                 */
                via: "plain" | "script" | "segment" | "measurement_protocol" | "gtag" | "import" | "other";
                /**
                 * @description `noted`: counted, and worth knowing: `order_copy`, `constant_user_id`
                 * @enum {string}
                 */
                quality: "put_right" | "kept" | "refused" | "noted" | "other";
                /** @description The rule: the code of a warning or an error. (other): findings of a day that has too many different ones */
                code: string;
                /** @description Where in the event, without indexes: `items[].price`. Empty: the whole event */
                path: string;
                /** @description Events with this finding, once each. An event may have several findings */
                events: number;
                /** @description Values as they were sent, cut. Only of names of events, numbers, currencies and times, never of what may be personal */
                samples: string[];
            }[];
        };
        /**
         * @example {
         *       "totals": {
         *         "applied": 48210,
         *         "duplicate": 12,
         *         "forwarded": 90,
         *         "bot": 31,
         *         "joined": 4,
         *         "erasure": 0,
         *         "erased": 0,
         *         "other_generation": 0,
         *         "dead_lettered": 0,
         *         "refused": 0
         *       },
         *       "partitions": [
         *         {
         *           "partition": 0,
         *           "next": 48347,
         *           "end": 48351,
         *           "in_flight": 4,
         *           "applied": 48210,
         *           "duplicate": 12,
         *           "forwarded": 90,
         *           "bot": 31,
         *           "joined": 4,
         *           "erasure": 0,
         *           "erased": 0,
         *           "other_generation": 0,
         *           "dead_lettered": 0,
         *           "refused": 0
         *         }
         *       ],
         *       "unattributed": 0,
         *       "lost": [],
         *       "balanced": true
         *     }
         */
        Ledger: {
            /** @description Records of this site */
            totals: {
                /** @description Counted */
                applied: number;
                /** @description Their ids were counted before */
                duplicate: number;
                /** @description Of a visitor who became a user: counted in the user’s partition */
                forwarded: number;
                /** @description Of bots: counted separately */
                bot: number;
                /** @description What another partition knew of such a visitor; not events */
                joined: number;
                /** @description Erasures of users, by their ids; not events */
                erasure: number;
                /** @description Of a user who was erased before they arrived */
                erased: number;
                /** @description What partitions sent each other in another generation; not events */
                other_generation: number;
                dead_lettered: number;
                /** @description Not understood, beyond the daily limit of dead letters: only counted in /v1/quality */
                refused: number;
            };
            partitions: {
                partition: number;
                /** @description The next offset to be applied */
                next: number;
                /** @description The end of the log; null: Kafka is away */
                end: number | null;
                /** @description Accepted and not applied yet, for all sites */
                in_flight: number | null;
                /** @description Counted */
                applied: number;
                /** @description Their ids were counted before */
                duplicate: number;
                /** @description Of a visitor who became a user: counted in the user’s partition */
                forwarded: number;
                /** @description Of bots: counted separately */
                bot: number;
                /** @description What another partition knew of such a visitor; not events */
                joined: number;
                /** @description Erasures of users, by their ids; not events */
                erasure: number;
                /** @description Of a user who was erased before they arrived */
                erased: number;
                /** @description What partitions sent each other in another generation; not events */
                other_generation: number;
                dead_lettered: number;
                /** @description Not understood, beyond the daily limit of dead letters: only counted in /v1/quality */
                refused: number;
            }[];
            /** @description Dead letters whose site is unknown */
            unattributed: number;
            /** @description Offsets, both inclusive, that Kafka deleted before they were applied; for all sites */
            lost: {
                partition: number;
                from: number;
                to: number;
            }[];
            /** @description In each partition every applied offset has one outcome, of some site, or is lost */
            balanced: boolean;
        };
        /**
         * @example {
         *       "user_id": "ada",
         *       "asked": "ada",
         *       "known": true,
         *       "first_seen": "2026-01-12T09:30:00.000Z",
         *       "last_seen": "2026-03-31T18:05:12.250Z",
         *       "active_days": 9,
         *       "sessions": 12,
         *       "visits": [
         *         {
         *           "start": "2026-03-31T17:55:02.100Z",
         *           "end": "2026-03-31T18:05:12.250Z",
         *           "source": "newsletter",
         *           "medium": "email",
         *           "campaign": "spring",
         *           "referrer": "(not set)",
         *           "landing_page": "/p/tea-1",
         *           "channel": "Email",
         *           "device": "mobile",
         *           "browser": "Safari",
         *           "os": "iOS",
         *           "country": "ES"
         *         }
         *       ],
         *       "total_events": 57,
         *       "events": {
         *         "view_item": 51,
         *         "add_to_cart": 4,
         *         "purchase": 2
         *       },
         *       "orders": 2,
         *       "refunds": 0,
         *       "money": [
         *         {
         *           "currency": "EUR",
         *           "revenue": "80.40",
         *           "refunded": "0.00",
         *           "net": "80.40",
         *           "revenue_minor": 8040,
         *           "refunded_minor": 0,
         *           "net_minor": 8040
         *         }
         *       ],
         *       "average_order": [
         *         {
         *           "currency": "EUR",
         *           "amount": "40.20",
         *           "amount_minor": 4020
         *         }
         *       ],
         *       "products": [
         *         {
         *           "product_id": "tea-1",
         *           "name": "Green tea",
         *           "last_seen": "2026-03-31T18:05:12.250Z"
         *         }
         *       ],
         *       "cart": {
         *         "last_activity": "2026-03-31T17:58:40.000Z",
         *         "lines": [
         *           {
         *             "product_id": "tea-1",
         *             "quantity": 1
         *           }
         *         ],
         *         "value": [
         *           {
         *             "currency": "EUR",
         *             "amount": "12.50",
         *             "amount_minor": 1250
         *           }
         *         ]
         *       },
         *       "aliases": [
         *         "0b7e5c1a-cookie"
         *       ]
         *     }
         */
        User: {
            /** @description The user; for an anonymous id that became a user, that user */
            user_id: string;
            /** @description The requested id */
            asked: string;
            /** @description True for the shop's own user id, false for an anonymous id */
            known: boolean;
            /** Format: date-time */
            first_seen: string;
            /** Format: date-time */
            last_seen: string;
            /** @description Days with an event */
            active_days: number;
            sessions: number;
            /** @description The last 20 sessions, newest first: first and last event, what led there, and with what device */
            visits: {
                /** Format: date-time */
                start: string;
                /** Format: date-time */
                end: string;
                source: string;
                medium: string;
                campaign: string;
                referrer: string;
                landing_page: string;
                channel: string;
                device: string;
                browser: string;
                os: string;
                country: string;
            }[];
            total_events: number;
            /** @description By name */
            events: {
                [key: string]: number;
            };
            orders: number;
            refunds: number;
            /** @description By currency; net is the user's lifetime value */
            money: components["schemas"]["Money"][];
            /** @description Revenue / orders with an amount, by currency, rounded to minor units; refunds are not subtracted */
            average_order: {
                currency: string;
                /** @description In units of the currency */
                amount: string;
                /** @description The same in minor units (ISO 4217) */
                amount_minor: number;
            }[];
            /** @description The last 10 products in events of the user, newest first */
            products: {
                product_id: string;
                name?: string;
                /** Format: date-time */
                last_seen: string;
            }[];
            /** @description What was added and not removed since the last purchase; null: nothing */
            cart: {
                /** Format: date-time */
                last_activity: string;
                lines: {
                    product_id: string;
                    /** @description Pieces, with up to three decimals */
                    quantity: number;
                }[];
                value: {
                    currency: string;
                    /** @description In units of the currency */
                    amount: string;
                    /** @description The same in minor units (ISO 4217) */
                    amount_minor: number;
                }[];
            } | null;
            /** @description The latest 100 anonymous ids that became this user, in that order */
            aliases: string[];
        };
        /**
         * @example {
         *       "user_id": "ada",
         *       "asked": "ada",
         *       "total": 57,
         *       "truncated": false,
         *       "interactions": [
         *         {
         *           "id": "purchase:o-1001",
         *           "name": "purchase",
         *           "timestamp": "2026-03-31T18:05:12.250Z",
         *           "items": [
         *             {
         *               "item_id": "tea-1",
         *               "item_name": "Green tea",
         *               "quantity": 2,
         *               "amount": "20.00"
         *             }
         *           ],
         *           "currency": "EUR",
         *           "value": "24.90",
         *           "transaction_id": "o-1001"
         *         }
         *       ],
         *       "next_cursor": "WzE3NzQ5ODAzMTIyNTAsInB1cmNoYXNlOm8tMTAwMSJd"
         *     }
         */
        Interactions: {
            /** @description The user; for an anonymous id that became a user, that user */
            user_id: string;
            /** @description The requested id */
            asked: string;
            /** @description In the range, over all pages */
            total: number;
            /** @description A month had more interactions than are kept (4 MB, about 20,000); all of them are counted */
            truncated: boolean;
            interactions: {
                id: string;
                name: string;
                /** Format: date-time */
                timestamp: string;
                items?: {
                    item_id: string;
                    item_name?: string;
                    /** @description Pieces, with up to three decimals */
                    quantity: number;
                    amount?: string;
                    /** @description With the levels below it */
                    item_category?: string;
                    item_variant?: string;
                    item_category2?: string;
                    item_category3?: string;
                    item_category4?: string;
                    item_category5?: string;
                    coupon?: string;
                    discount?: string;
                    index?: number;
                    item_list_id?: string;
                    item_list_name?: string;
                    promotion_id?: string;
                    promotion_name?: string;
                    creative_name?: string;
                    creative_slot?: string;
                    affiliation?: string;
                    location_id?: string;
                }[];
                currency?: string;
                value?: string;
                transaction_id?: string;
                page?: string;
                search_term?: string;
                properties?: {
                    [key: string]: string | number | boolean;
                };
                item_list_id?: string;
                item_list_name?: string;
                promotion_id?: string;
                promotion_name?: string;
                creative_name?: string;
                creative_slot?: string;
                coupon?: string;
                affiliation?: string;
                location_id?: string;
                tax?: string;
                shipping?: string;
                discount?: string;
                payment_type?: string;
                shipping_tier?: string;
                customer_type?: string;
            }[];
            /** @description Absent on the last page */
            next_cursor?: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    read_events: {
        parameters: {
            query?: {
                /** @description First day, in the site's time zone; default: the first day kept. Example: `2026-03-01` */
                from?: string;
                /** @description Last day, inclusive, in the same zone; default: today. Example: `2026-03-31` */
                to?: string;
                /** @description Only events of this name. Example: `add_to_cart` */
                event?: string;
                /** @description Adds a series of at most 10000 points. Hours go back 90 days, minutes 2 days, days as long as the site keeps them. Example: `day` */
                grain?: "minute" | "hour" | "day" | "week" | "month";
                /** @description The key's own site; another site is refused. Required with the admin key of the installation. Example: `shoes` */
                site?: string;
                /** @description csv: the answer's table, as with Accept: text/csv */
                format?: "json" | "csv";
                /** @description Days by name, in the site's time zone, instead of from and to. The last days and months are whole ones: they end before today, or before this month. Example: `last_28_days` */
                range?: "today" | "yesterday" | "last_7_days" | "last_14_days" | "last_28_days" | "last_30_days" | "last_90_days" | "week_to_date" | "last_week" | "month_to_date" | "last_month" | "quarter_to_date" | "year_to_date" | "last_year" | "last_12_months";
                /** @description Adds `previous`: the answer for other days. previous: as many days before. year: the same days of the year before. FROM..TO: these days. Example: `previous` */
                compare?: ("previous" | "year") | string;
                /** @description The days compared with begin on the same weekday: 364 days before with compare=year, whole weeks before with compare=previous, up to three days earlier or later with FROM..TO */
                align?: "weekday";
                /** @description same: a range up to today is compared with the last day up to the same hour, where the answer is counted by hour and these hours are kept; the default. all: with whole days */
                compare_hours?: "same" | "all";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer; as CSV its table */
            200: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["EventFrequency"];
                        /** @description With compare: the answer for the other days */
                        previous?: {
                            /** Format: date */
                            from: string;
                            /** Format: date */
                            to: string;
                            /**
                             * @description The last day ends before this hour of the site's clock, as the range's last day does so far
                             * @example 2026-03-30T14:00
                             */
                            until?: string;
                            /** @description With `until`: figures that are of the whole day, since no hour has them */
                            whole_days?: string[];
                            data: components["schemas"]["EventFrequency"];
                        };
                        meta: components["schemas"]["Meta"];
                    };
                    "text/csv": string;
                };
            };
            /** @description The answer has not changed since If-None-Match */
            304: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter is wrong, or `site` is missing (`site_required`) */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No key that reads */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key belongs to another site than `site` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description With the installation's admin key: there is no such site */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Redis is away */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    send_events: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Event"] | components["schemas"]["OriginalEvent"] | components["schemas"]["EventBatch"];
            };
        };
        responses: {
            /** @description At least one event is stored on all in-sync replicas, to be counted or as a dead letter; a verdict for each event */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Verdicts"];
                };
            };
            /** @description No event could be accepted */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No write key of a site */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The site does not take events from pages of this origin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many bytes or events */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The Content-Encoding is none of gzip, br and deflate */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many events with this key or from this address: send all of them again after Retry-After seconds */
            429: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Kafka is away: send all events again after Retry-After seconds, with the same ids if they have any */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_snippet: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Less than 2 kB, packed */
            200: {
                headers: {
                    ETag: string;
                    [name: string]: unknown;
                };
                content: {
                    "text/javascript": string;
                };
            };
            /** @description The script has not changed since If-None-Match */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    segment_track: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SegmentMessage"];
            };
        };
        responses: {
            /** @description At least one message is stored, on all in-sync replicas */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SegmentAnswer"];
                };
            };
            /** @description No message could be accepted */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No write key of a site */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The site does not take events from pages of this origin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many bytes or events */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The Content-Encoding is none of gzip, br and deflate */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many events with this key or from this address: send all of them again after Retry-After seconds */
            429: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Kafka is away: send all events again after Retry-After seconds, with the same ids if they have any */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    segment_t: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SegmentMessage"];
            };
        };
        responses: {
            /** @description At least one message is stored, on all in-sync replicas */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SegmentAnswer"];
                };
            };
            /** @description No message could be accepted */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No write key of a site */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The site does not take events from pages of this origin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many bytes or events */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The Content-Encoding is none of gzip, br and deflate */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many events with this key or from this address: send all of them again after Retry-After seconds */
            429: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Kafka is away: send all events again after Retry-After seconds, with the same ids if they have any */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    segment_page: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SegmentMessage"];
            };
        };
        responses: {
            /** @description At least one message is stored, on all in-sync replicas */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SegmentAnswer"];
                };
            };
            /** @description No message could be accepted */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No write key of a site */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The site does not take events from pages of this origin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many bytes or events */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The Content-Encoding is none of gzip, br and deflate */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many events with this key or from this address: send all of them again after Retry-After seconds */
            429: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Kafka is away: send all events again after Retry-After seconds, with the same ids if they have any */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    segment_p: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SegmentMessage"];
            };
        };
        responses: {
            /** @description At least one message is stored, on all in-sync replicas */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SegmentAnswer"];
                };
            };
            /** @description No message could be accepted */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No write key of a site */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The site does not take events from pages of this origin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many bytes or events */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The Content-Encoding is none of gzip, br and deflate */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many events with this key or from this address: send all of them again after Retry-After seconds */
            429: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Kafka is away: send all events again after Retry-After seconds, with the same ids if they have any */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    segment_screen: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SegmentMessage"];
            };
        };
        responses: {
            /** @description At least one message is stored, on all in-sync replicas */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SegmentAnswer"];
                };
            };
            /** @description No message could be accepted */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No write key of a site */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The site does not take events from pages of this origin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many bytes or events */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The Content-Encoding is none of gzip, br and deflate */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many events with this key or from this address: send all of them again after Retry-After seconds */
            429: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Kafka is away: send all events again after Retry-After seconds, with the same ids if they have any */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    segment_s: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SegmentMessage"];
            };
        };
        responses: {
            /** @description At least one message is stored, on all in-sync replicas */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SegmentAnswer"];
                };
            };
            /** @description No message could be accepted */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No write key of a site */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The site does not take events from pages of this origin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many bytes or events */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The Content-Encoding is none of gzip, br and deflate */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many events with this key or from this address: send all of them again after Retry-After seconds */
            429: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Kafka is away: send all events again after Retry-After seconds, with the same ids if they have any */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    segment_identify: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SegmentMessage"];
            };
        };
        responses: {
            /** @description At least one message is stored, on all in-sync replicas */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SegmentAnswer"];
                };
            };
            /** @description No message could be accepted */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No write key of a site */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The site does not take events from pages of this origin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many bytes or events */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The Content-Encoding is none of gzip, br and deflate */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many events with this key or from this address: send all of them again after Retry-After seconds */
            429: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Kafka is away: send all events again after Retry-After seconds, with the same ids if they have any */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    segment_i: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SegmentMessage"];
            };
        };
        responses: {
            /** @description At least one message is stored, on all in-sync replicas */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SegmentAnswer"];
                };
            };
            /** @description No message could be accepted */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No write key of a site */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The site does not take events from pages of this origin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many bytes or events */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The Content-Encoding is none of gzip, br and deflate */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many events with this key or from this address: send all of them again after Retry-After seconds */
            429: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Kafka is away: send all events again after Retry-After seconds, with the same ids if they have any */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    segment_group: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SegmentMessage"];
            };
        };
        responses: {
            /** @description At least one message is stored, on all in-sync replicas */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SegmentAnswer"];
                };
            };
            /** @description No message could be accepted */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No write key of a site */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The site does not take events from pages of this origin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many bytes or events */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The Content-Encoding is none of gzip, br and deflate */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many events with this key or from this address: send all of them again after Retry-After seconds */
            429: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Kafka is away: send all events again after Retry-After seconds, with the same ids if they have any */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    segment_g: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SegmentMessage"];
            };
        };
        responses: {
            /** @description At least one message is stored, on all in-sync replicas */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SegmentAnswer"];
                };
            };
            /** @description No message could be accepted */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No write key of a site */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The site does not take events from pages of this origin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many bytes or events */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The Content-Encoding is none of gzip, br and deflate */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many events with this key or from this address: send all of them again after Retry-After seconds */
            429: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Kafka is away: send all events again after Retry-After seconds, with the same ids if they have any */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    segment_alias: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SegmentMessage"];
            };
        };
        responses: {
            /** @description At least one message is stored, on all in-sync replicas */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SegmentAnswer"];
                };
            };
            /** @description No message could be accepted */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No write key of a site */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The site does not take events from pages of this origin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many bytes or events */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The Content-Encoding is none of gzip, br and deflate */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many events with this key or from this address: send all of them again after Retry-After seconds */
            429: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Kafka is away: send all events again after Retry-After seconds, with the same ids if they have any */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    segment_a: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SegmentMessage"];
            };
        };
        responses: {
            /** @description At least one message is stored, on all in-sync replicas */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SegmentAnswer"];
                };
            };
            /** @description No message could be accepted */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No write key of a site */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The site does not take events from pages of this origin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many bytes or events */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The Content-Encoding is none of gzip, br and deflate */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many events with this key or from this address: send all of them again after Retry-After seconds */
            429: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Kafka is away: send all events again after Retry-After seconds, with the same ids if they have any */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    segment_batch: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SegmentBatch"];
            };
        };
        responses: {
            /** @description At least one message is stored, on all in-sync replicas */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SegmentAnswer"];
                };
            };
            /** @description No message could be accepted */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No write key of a site */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The site does not take events from pages of this origin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many bytes or events */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The Content-Encoding is none of gzip, br and deflate */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many events with this key or from this address: send all of them again after Retry-After seconds */
            429: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Kafka is away: send all events again after Retry-After seconds, with the same ids if they have any */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    segment_b: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SegmentBatch"];
            };
        };
        responses: {
            /** @description At least one message is stored, on all in-sync replicas */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SegmentAnswer"];
                };
            };
            /** @description No message could be accepted */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No write key of a site */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The site does not take events from pages of this origin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many bytes or events */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The Content-Encoding is none of gzip, br and deflate */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many events with this key or from this address: send all of them again after Retry-After seconds */
            429: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Kafka is away: send all events again after Retry-After seconds, with the same ids if they have any */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    segment_import: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SegmentBatch"];
            };
        };
        responses: {
            /** @description At least one message is stored, on all in-sync replicas */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SegmentAnswer"];
                };
            };
            /** @description No message could be accepted */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No write key of a site */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The site does not take events from pages of this origin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many bytes or events */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The Content-Encoding is none of gzip, br and deflate */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many events with this key or from this address: send all of them again after Retry-After seconds */
            429: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Kafka is away: send all events again after Retry-After seconds, with the same ids if they have any */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_segment_settings: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A write key of the site */
                writeKey: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The settings */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SegmentSettings"];
                };
            };
            /** @description No site has this write key */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many wrong keys from this address */
            429: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The sites cannot be read */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    send_measurements: {
        parameters: {
            query: {
                /** @description A write key of the site */
                api_secret: string;
                /** @description The stream's id. It is not needed: the write key decides whose the events are */
                measurement_id?: string;
                /** @description From an app instead */
                firebase_app_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Measurement"];
            };
        };
        responses: {
            /** @description Some events are stored and counted; others were refused, or are too late to be counted */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Verdicts"];
                };
            };
            /** @description All events are stored, on all in-sync replicas */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No event could be accepted */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description api_secret is not a write key of a site */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The site does not take events from pages of this origin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description More than 130 kB */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The Content-Encoding is none of gzip, br and deflate */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many events with this key or from this address: send all of them again after Retry-After seconds */
            429: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Kafka is away: send all events again after Retry-After seconds, with the same ids if they have any */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    validate_measurements: {
        parameters: {
            query: {
                /** @description A write key of the site */
                api_secret: string;
                /** @description The stream's id. It is not needed: the write key decides whose the events are */
                measurement_id?: string;
                /** @description From an app instead */
                firebase_app_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Measurement"];
            };
        };
        responses: {
            /** @description What is wrong, or an empty list */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ValidationMessages"];
                };
            };
            /** @description The body is not JSON */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description api_secret is not a write key of a site */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The site does not take events from pages of this origin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description More than 130 kB */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The Content-Encoding is none of gzip, br and deflate */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many events with this key or from this address: send all of them again after Retry-After seconds */
            429: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The sites cannot be read: try again after Retry-After seconds */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    send_hit: {
        parameters: {
            query?: {
                /** @description A measurement id of the site; with several, the first known one counts */
                tid?: string;
                /** @description A write key of the site; it decides, and not `tid` */
                write_key?: string;
                /** @description Event name, where the body does not say it */
                en?: string;
                cid?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description At least one hit is stored, on all in-sync replicas */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No hit could be accepted */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description write_key is not a write key, or tid is not a measurement id, of a site */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The site does not take events from pages of this origin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many bytes or events */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The Content-Encoding is none of gzip, br and deflate */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many events with this key or from this address: send all of them again after Retry-After seconds */
            429: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Kafka is away: send all events again after Retry-After seconds, with the same ids if they have any */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    send_hits: {
        parameters: {
            query?: {
                /** @description A measurement id of the site; with several, the first known one counts */
                tid?: string;
                /** @description A write key of the site; it decides, and not `tid` */
                write_key?: string;
                /** @description Event name, where the body does not say it */
                en?: string;
                cid?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "text/plain": string;
            };
        };
        responses: {
            /** @description At least one hit is stored, on all in-sync replicas */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No hit could be accepted */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description write_key is not a write key, or tid is not a measurement id, of a site */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The site does not take events from pages of this origin */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many bytes or events */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The Content-Encoding is none of gzip, br and deflate */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many events with this key or from this address: send all of them again after Retry-After seconds */
            429: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Kafka is away: send all events again after Retry-After seconds, with the same ids if they have any */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_funnels: {
        parameters: {
            query?: {
                /** @description The key's own site; another site is refused. Required with the admin key of the installation. Example: `shoes` */
                site?: string;
                /** @description csv: the answer's table, as with Accept: text/csv */
                format?: "json" | "csv";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer; as CSV its table */
            200: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Funnels"];
                        meta: components["schemas"]["Meta"];
                    };
                    "text/csv": string;
                };
            };
            /** @description The answer has not changed since If-None-Match */
            304: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter is wrong, or `site` is missing (`site_required`) */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No key that reads */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key belongs to another site than `site` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description With the installation's admin key: there is no such site */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Redis is away */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    define_funnel: {
        parameters: {
            query?: {
                /** @description The key's own site; another site is refused. Required with the admin key of the installation. Example: `shoes` */
                site?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FunnelInput"];
            };
        };
        responses: {
            /** @description It is defined */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["FunnelDefinition"];
                    };
                };
            };
            /** @description The definition is wrong, or `site` is missing (`site_required`) */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No admin key */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key belongs to another site than `site` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description With the installation's admin key: there is no such site */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The site has a funnel of this id, or too many funnels */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many bytes */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The Content-Encoding is none of gzip, br and deflate */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Redis is away: nothing is defined. Or Kafka is, and the funnel may be defined (`sites_unavailable`) */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_funnels_funnel: {
        parameters: {
            query?: {
                /** @description First day, in the site's time zone; default: the first day kept. Example: `2026-03-01` */
                from?: string;
                /** @description Last day, inclusive, in the same zone; default: today. Example: `2026-03-31` */
                to?: string;
                /** @description Adds `days`: how far those came who entered on each day */
                interval?: "day";
                /** @description The key's own site; another site is refused. Required with the admin key of the installation. Example: `shoes` */
                site?: string;
                /** @description csv: the answer's table, as with Accept: text/csv */
                format?: "json" | "csv";
                /** @description Days by name, in the site's time zone, instead of from and to. The last days and months are whole ones: they end before today, or before this month. Example: `last_28_days` */
                range?: "today" | "yesterday" | "last_7_days" | "last_14_days" | "last_28_days" | "last_30_days" | "last_90_days" | "week_to_date" | "last_week" | "month_to_date" | "last_month" | "quarter_to_date" | "year_to_date" | "last_year" | "last_12_months";
                /** @description Adds `previous`: the answer for other days. previous: as many days before. year: the same days of the year before. FROM..TO: these days. Example: `previous` */
                compare?: ("previous" | "year") | string;
                /** @description The days compared with begin on the same weekday: 364 days before with compare=year, whole weeks before with compare=previous, up to three days earlier or later with FROM..TO */
                align?: "weekday";
                /** @description same: a range up to today is compared with the last day up to the same hour, where the answer is counted by hour and these hours are kept; the default. all: with whole days */
                compare_hours?: "same" | "all";
            };
            header?: never;
            path: {
                funnel: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer; as CSV its table */
            200: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Funnel"];
                        /** @description With compare: the answer for the other days */
                        previous?: {
                            /** Format: date */
                            from: string;
                            /** Format: date */
                            to: string;
                            /**
                             * @description The last day ends before this hour of the site's clock, as the range's last day does so far
                             * @example 2026-03-30T14:00
                             */
                            until?: string;
                            /** @description With `until`: figures that are of the whole day, since no hour has them */
                            whole_days?: string[];
                            data: components["schemas"]["Funnel"];
                        };
                        meta: components["schemas"]["Meta"];
                    };
                    "text/csv": string;
                };
            };
            /** @description The answer has not changed since If-None-Match */
            304: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter is wrong, or `site` is missing (`site_required`) */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No key that reads */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key belongs to another site than `site` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The site has no such funnel. Or: With the installation's admin key: there is no such site */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Redis is away */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    remove_funnel: {
        parameters: {
            query?: {
                /** @description The key's own site; another site is refused. Required with the admin key of the installation. Example: `shoes` */
                site?: string;
            };
            header?: never;
            path: {
                funnel: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is removed */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `site` is missing (`site_required`) */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No admin key */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key belongs to another site than `site` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The site has no such funnel. Or: With the installation's admin key: there is no such site */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The shop funnel cannot be removed */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Redis or Kafka is away */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_sites: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description By id */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Sites"];
                    };
                };
            };
            /** @description No admin key */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A site's admin key is not enough here */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Kafka is away, or others are changing sites: the change may have been made */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_site: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SiteInput"];
            };
        };
        responses: {
            /** @description It is made */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["NewSite"];
                    };
                };
            };
            /** @description Something is wrong; `errors` says where */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No admin key */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A site's admin key is not enough here */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is a site of this id, or another site lists the measurement id */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many bytes */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The Content-Encoding is none of gzip, br and deflate */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Kafka is away, or others are changing sites: the change may have been made */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_site: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of a site */
                site: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The site */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Site"];
                    };
                };
            };
            /** @description No admin key */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key is of another site */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such site */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Kafka is away, or others are changing sites: the change may have been made */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    change_site: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of a site */
                site: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SiteChanges"];
            };
        };
        responses: {
            /** @description The site as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Site"];
                    };
                };
            };
            /** @description Something is wrong; `errors` says where */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No admin key */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key is of another site */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such site */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Another site lists the measurement id, or the zone is not the site's */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many bytes */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The Content-Encoding is none of gzip, br and deflate */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Kafka is away, or others are changing sites: the change may have been made */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_key: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of a site */
                site: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KeyInput"];
            };
        };
        responses: {
            /** @description It is made; the key is shown here and never again */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["NewKey"];
                    };
                };
            };
            /** @description Something is wrong; `errors` says where */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No admin key */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key is of another site, or a site's admin key is not enough for a key of this kind */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such site */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The site has too many keys */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many bytes */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The Content-Encoding is none of gzip, br and deflate */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Kafka is away, or others are changing sites: the change may have been made */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rotate_key: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of a site */
                site: string;
                /** @description The id of a key, not the key itself */
                key: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["RotationInput"];
            };
        };
        responses: {
            /** @description It is made; the key is shown here and never again */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["RotatedKey"];
                    };
                };
            };
            /** @description Something is wrong; `errors` says where */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No admin key */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key is of another site */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such site, or it has no such key, or the key has ended */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The site has too many keys */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many bytes */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The Content-Encoding is none of gzip, br and deflate */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Kafka is away, or others are changing sites: the change may have been made */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    end_key: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of a site */
                site: string;
                /** @description The id of a key, not the key itself */
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It has ended */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No admin key */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key is of another site, or a site's admin key is not enough for a key of this kind */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such site, or it has no such key */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Kafka is away, or others are changing sites: the change may have been made */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_dead_letters: {
        parameters: {
            query?: {
                reason?: "not_json" | "not_an_event" | "unknown_version" | "unknown_site" | "wrong_key" | "wrong_partition" | "too_late" | "invalid";
                /** @description Site that the record names. A site's admin key sees only its own letters */
                site?: string;
                /** @description First day, UTC. Example: `2026-03-01` */
                from?: string;
                /** @description Last day, inclusive, UTC. Example: `2026-03-31` */
                to?: string;
                status?: "open" | "replaying" | "replayed" | "discarded";
                limit?: number;
                /** @description `next_cursor` of the page before */
                cursor?: string;
                format?: "json" | "csv";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The letters */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["DeadLetters"];
                    };
                    "text/csv": string;
                };
            };
            /** @description Something is wrong; `errors` says where */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No admin key */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key is of another site */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Kafka or Redis is away, or the index of dead letters is being built: try again after Retry-After seconds */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    count_dead_letters: {
        parameters: {
            query?: {
                reason?: "not_json" | "not_an_event" | "unknown_version" | "unknown_site" | "wrong_key" | "wrong_partition" | "too_late" | "invalid";
                /** @description Site that the record names. A site's admin key sees only its own letters */
                site?: string;
                /** @description First day, UTC. Example: `2026-03-01` */
                from?: string;
                /** @description Last day, inclusive, UTC. Example: `2026-03-31` */
                to?: string;
                status?: "open" | "replaying" | "replayed" | "discarded";
                limit?: number;
                /** @description `next_cursor` of the page before */
                cursor?: string;
                format?: "json" | "csv";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The counts */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["DeadLetterCounts"];
                    };
                    "text/csv": string;
                };
            };
            /** @description Something is wrong; `errors` says where */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No admin key */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key is of another site */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Kafka or Redis is away, or the index of dead letters is being built: try again after Retry-After seconds */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_dead_letter: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                letter: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The letter */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["DeadLetter"];
                    };
                };
            };
            /** @description Something is wrong; `errors` says where */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No admin key */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description There is no such letter, or it is of another site */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Kafka or Redis is away, or the index of dead letters is being built: try again after Retry-After seconds */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    replay_dead_letters: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReplayInput"];
            };
        };
        responses: {
            /** @description What was done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Replayed"];
                    };
                };
            };
            /** @description Something is wrong; `errors` says where */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No admin key */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key is of another site */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description None of the named letters exists */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many bytes */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The Content-Encoding is none of gzip, br and deflate */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description None of the named letters can be counted like this; `errors` says why for each */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description As above; some of it may have been done, or will be. A repeated request does it once */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    discard_dead_letters: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DiscardInput"];
            };
        };
        responses: {
            /** @description What was done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Discarded"];
                    };
                };
            };
            /** @description Something is wrong; `errors` says where */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No admin key */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key is of another site */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description None of the named letters exists */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Too many bytes */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The Content-Encoding is none of gzip, br and deflate */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description None of the named letters can be counted like this; `errors` says why for each */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description As above; some of it may have been done, or will be. A repeated request does it once */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_held: {
        parameters: {
            query?: {
                /** @description `next_cursor` of the previous page */
                cursor?: string;
                /** @description The key's own site; another site is refused. Required with the admin key of the installation. Example: `shoes` */
                site?: string;
            };
            header?: never;
            path: {
                /** @description Any id of the person, percent-encoded */
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The data */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Held"];
                    };
                };
            };
            /** @description A parameter is wrong, or `site` is missing (`site_required`) */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No admin key */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key belongs to another site than `site` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Nothing is stored. Or: With the installation's admin key: there is no such site */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Redis is away */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    erase_person: {
        parameters: {
            query?: {
                /** @description The key's own site; another site is refused. Required with the admin key of the installation. Example: `shoes` */
                site?: string;
            };
            header?: never;
            path: {
                /** @description Any id of the person, percent-encoded */
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    /** @description Of the receipt */
                    location: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Receipt"];
                    };
                };
            };
            /** @description Under way: read the receipt */
            202: {
                headers: {
                    /** @description Of the receipt */
                    location: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Receipt"];
                    };
                };
            };
            /** @description A parameter is wrong, or `site` is missing (`site_required`) */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No admin key */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key belongs to another site than `site` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description With the installation's admin key: there is no such site */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Kafka or Redis is away: try again after Retry-After seconds */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_receipt: {
        parameters: {
            query?: {
                /** @description The key's own site; another site is refused. Required with the admin key of the installation. Example: `shoes` */
                site?: string;
            };
            header?: never;
            path: {
                receipt: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The receipt */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Receipt"];
                    };
                };
            };
            /** @description A parameter is wrong, or `site` is missing (`site_required`) */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No admin key */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key belongs to another site than `site` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The site has no such receipt. Or: With the installation's admin key: there is no such site */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Redis is away */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_system: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The system as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["System"];
                    };
                };
            };
            /** @description No admin key */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A site's admin key is not enough here */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key is not the installation's, and the sites cannot be read */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_topics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The topics */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: {
                            topics: components["schemas"]["Topic"][];
                        };
                    };
                };
            };
            /** @description No admin key */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A site's admin key is not enough here */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Kafka is away */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_records: {
        parameters: {
            query?: {
                partition?: number;
                /** @description The oldest first, from this offset on */
                from?: number;
                /** @description The newest first, of those below this offset. With `from`: where the last page ends */
                before?: number;
                limit?: number;
            };
            header?: never;
            path: {
                /** @description One of this installation */
                topic: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The records */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["TopicRecords"];
                    };
                };
            };
            /** @description A parameter is wrong */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No admin key */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A site's admin key is not enough here */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This installation has no such topic, or the topic no such partition */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Kafka is away */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_redis_keys: {
        parameters: {
            query?: {
                /** @description A glob over the whole key (`*`, `?`, `[a-z]`, and `\` before one that stands for itself), or a text that the key contains. Example: `ff:6:{p*}:u:shoes:*` */
                match?: string;
                /** @description `next_cursor` of the page before */
                cursor?: string;
                /** @description About how many keys a page has */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Some keys */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: {
                            /** @description In no order. A key may come twice */
                            keys: {
                                key: string;
                                /** @enum {string} */
                                type: "string" | "hash" | "list" | "set" | "zset" | "other";
                            }[];
                            /** @description Absent when all keys were looked at. A page may be empty and have one */
                            next_cursor?: string;
                        };
                    };
                };
            };
            /** @description A parameter is wrong */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No admin key */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A site's admin key is not enough here */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Redis is away */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_redis_key: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Without REDIS_KEY_PREFIX */
                redis_key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The key */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["RedisKey"];
                    };
                };
            };
            /** @description A parameter is wrong */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No admin key */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description A site's admin key is not enough here */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description This installation has no such key in Redis */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Redis is away */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_health: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Both are there; degraded numbers are late or incomplete */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Health"];
                    };
                };
            };
            /** @description Kafka or Redis is away */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Health"];
                    };
                };
            };
        };
    };
    check_ready: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Both are there; degraded numbers are late or incomplete */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Health"];
                    };
                };
            };
            /** @description Kafka or Redis is away */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Health"];
                    };
                };
            };
        };
    };
    check_live: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It does */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: {
                            /** @constant */
                            status: "ok";
                        };
                    };
                };
            };
        };
    };
    read_openapi: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OpenAPI 3.1 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        openapi: string;
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
        };
    };
    read_access: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The key is one that reads */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["KeyAccess"];
                    };
                };
            };
            /** @description No such key, or a write key: `detail` says which */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Redis and Kafka are away */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_overview: {
        parameters: {
            query?: {
                /** @description First day, in the site's time zone; default: the first day kept. Example: `2026-03-01` */
                from?: string;
                /** @description Last day, inclusive, in the same zone; default: today. Example: `2026-03-31` */
                to?: string;
                /** @description The key's own site; another site is refused. Required with the admin key of the installation. Example: `shoes` */
                site?: string;
                /** @description csv: the answer's table, as with Accept: text/csv */
                format?: "json" | "csv";
                /** @description Days by name, in the site's time zone, instead of from and to. The last days and months are whole ones: they end before today, or before this month. Example: `last_28_days` */
                range?: "today" | "yesterday" | "last_7_days" | "last_14_days" | "last_28_days" | "last_30_days" | "last_90_days" | "week_to_date" | "last_week" | "month_to_date" | "last_month" | "quarter_to_date" | "year_to_date" | "last_year" | "last_12_months";
                /** @description Adds `previous`: the answer for other days. previous: as many days before. year: the same days of the year before. FROM..TO: these days. Example: `previous` */
                compare?: ("previous" | "year") | string;
                /** @description The days compared with begin on the same weekday: 364 days before with compare=year, whole weeks before with compare=previous, up to three days earlier or later with FROM..TO */
                align?: "weekday";
                /** @description same: a range up to today is compared with the last day up to the same hour, where the answer is counted by hour and these hours are kept; the default. all: with whole days */
                compare_hours?: "same" | "all";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer; as CSV its table */
            200: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Overview"];
                        /** @description With compare: the answer for the other days */
                        previous?: {
                            /** Format: date */
                            from: string;
                            /** Format: date */
                            to: string;
                            /**
                             * @description The last day ends before this hour of the site's clock, as the range's last day does so far
                             * @example 2026-03-30T14:00
                             */
                            until?: string;
                            /** @description With `until`: figures that are of the whole day, since no hour has them */
                            whole_days?: string[];
                            data: components["schemas"]["Overview"];
                        };
                        meta: components["schemas"]["Meta"];
                    };
                    "text/csv": string;
                };
            };
            /** @description The answer has not changed since If-None-Match */
            304: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter is wrong, or `site` is missing (`site_required`) */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No key that reads */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key belongs to another site than `site` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description With the installation's admin key: there is no such site */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Redis is away */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_series: {
        parameters: {
            query?: {
                /** @description First day, in the site's time zone; default: the first day kept. Example: `2026-03-01` */
                from?: string;
                /** @description Last day, inclusive, in the same zone; default: today. Example: `2026-03-31` */
                to?: string;
                metric?: "events" | "bots" | "sessions" | "engaged_sessions" | "engagement_rate" | "bounces" | "bounce_rate" | "session_ms_average" | "viewed_sessions" | "view_rate" | "carted_sessions" | "cart_rate" | "checkout_sessions" | "checkout_rate" | "converted_sessions" | "conversion_rate" | "orders" | "refunds" | "units" | "units_refunded" | "new_customers" | "repeat_orders" | "gross" | "discounts" | "revenue" | "refunded" | "net" | "shipping" | "tax" | "average_order" | "users" | "new_users" | "returning_users" | "new_accounts" | "carts_filled" | "carts_emptied" | "carts_bought" | "carts_left" | "carts_left_rate" | "carts_recovered" | "carts_recovery_rate" | "carts_left_value" | "carts_recovered_value";
                /** @description Further metrics over the same time, separated by commas: `also` of the answer has them. All are read in one step, so one question of several costs little more than one of one. Not together with by. Example: `orders,sessions` */
                also?: ("events" | "bots" | "sessions" | "engaged_sessions" | "engagement_rate" | "bounces" | "bounce_rate" | "session_ms_average" | "viewed_sessions" | "view_rate" | "carted_sessions" | "cart_rate" | "checkout_sessions" | "checkout_rate" | "converted_sessions" | "conversion_rate" | "orders" | "refunds" | "units" | "units_refunded" | "new_customers" | "repeat_orders" | "gross" | "discounts" | "revenue" | "refunded" | "net" | "shipping" | "tax" | "average_order" | "users" | "new_users" | "returning_users" | "new_accounts" | "carts_filled" | "carts_emptied" | "carts_bought" | "carts_left" | "carts_left_rate" | "carts_recovered" | "carts_recovery_rate" | "carts_left_value" | "carts_recovered_value")[];
                /** @description Weeks begin on Monday. Minutes are kept for 2 days, hours for 90 */
                grain?: "minute" | "hour" | "day" | "week" | "month";
                /** @description The time zone of days and hours; the site's when absent. Days of another zone are made of hours. They go back 90 days, and need a zone that differs from the site’s by whole hours. Example: `Europe/Madrid` */
                zone?: string;
                /** @description For metrics of money; the site's currency when absent */
                currency?: string;
                /** @description Adds a series for each of the largest values of a dimension. Events have events, orders, refunds and money; items units and money; sessions their own metrics, orders and revenue; bots have bots. By day, week or month of the site's zone. Example: `channel` */
                by?: "country" | "device" | "browser" | "os" | "page" | "search_term" | "coupon" | "category" | "brand" | "source" | "medium" | "campaign" | "referrer" | "landing_page" | "channel" | "bot";
                /** @description With by: how many values have a series of their own; 5 when absent */
                top?: number;
                /** @description The key's own site; another site is refused. Required with the admin key of the installation. Example: `shoes` */
                site?: string;
                /** @description csv: the answer's table, as with Accept: text/csv */
                format?: "json" | "csv";
                /** @description Days by name, in the site's time zone, instead of from and to. The last days and months are whole ones: they end before today, or before this month. Example: `last_28_days` */
                range?: "today" | "yesterday" | "last_7_days" | "last_14_days" | "last_28_days" | "last_30_days" | "last_90_days" | "week_to_date" | "last_week" | "month_to_date" | "last_month" | "quarter_to_date" | "year_to_date" | "last_year" | "last_12_months";
                /** @description Adds `previous`: the answer for other days. previous: as many days before. year: the same days of the year before. FROM..TO: these days. Example: `previous` */
                compare?: ("previous" | "year") | string;
                /** @description The days compared with begin on the same weekday: 364 days before with compare=year, whole weeks before with compare=previous, up to three days earlier or later with FROM..TO */
                align?: "weekday";
                /** @description same: a range up to today is compared with the last day up to the same hour, where the answer is counted by hour and these hours are kept; the default. all: with whole days */
                compare_hours?: "same" | "all";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer; as CSV its table */
            200: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Series"];
                        /** @description With compare: the answer for the other days */
                        previous?: {
                            /** Format: date */
                            from: string;
                            /** Format: date */
                            to: string;
                            /**
                             * @description The last day ends before this hour of the site's clock, as the range's last day does so far
                             * @example 2026-03-30T14:00
                             */
                            until?: string;
                            /** @description With `until`: figures that are of the whole day, since no hour has them */
                            whole_days?: string[];
                            data: components["schemas"]["Series"];
                        };
                        meta: components["schemas"]["Meta"];
                    };
                    "text/csv": string;
                };
            };
            /** @description The answer has not changed since If-None-Match */
            304: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter is wrong, or `site` is missing (`site_required`) */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No key that reads */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key belongs to another site than `site` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description With the installation's admin key: there is no such site */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Redis is away */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_series_weekday_hour: {
        parameters: {
            query?: {
                /** @description First day, in the site's time zone; default: 84 days up to `to`. Hours go back 90 days. Example: `2026-03-02` */
                from?: string;
                /** @description Last day, inclusive, in the same zone; default: today. Example: `2026-03-31` */
                to?: string;
                metric?: "events" | "bots" | "sessions" | "engaged_sessions" | "engagement_rate" | "bounces" | "bounce_rate" | "session_ms_average" | "viewed_sessions" | "view_rate" | "carted_sessions" | "cart_rate" | "checkout_sessions" | "checkout_rate" | "converted_sessions" | "conversion_rate" | "orders" | "refunds" | "units" | "units_refunded" | "new_customers" | "repeat_orders" | "gross" | "discounts" | "revenue" | "refunded" | "net" | "shipping" | "tax" | "average_order";
                /** @description For metrics of money; the site's currency when absent */
                currency?: string;
                /** @description The key's own site; another site is refused. Required with the admin key of the installation. Example: `shoes` */
                site?: string;
                /** @description csv: the answer's table, as with Accept: text/csv */
                format?: "json" | "csv";
                /** @description Days by name, in the site's time zone, instead of from and to. The last days and months are whole ones: they end before today, or before this month. Example: `last_28_days` */
                range?: "today" | "yesterday" | "last_7_days" | "last_14_days" | "last_28_days" | "last_30_days" | "last_90_days" | "week_to_date" | "last_week" | "month_to_date" | "last_month" | "quarter_to_date" | "year_to_date" | "last_year" | "last_12_months";
                /** @description Adds `previous`: the answer for other days. previous: as many days before. year: the same days of the year before. FROM..TO: these days. Example: `previous` */
                compare?: ("previous" | "year") | string;
                /** @description The days compared with begin on the same weekday: 364 days before with compare=year, whole weeks before with compare=previous, up to three days earlier or later with FROM..TO */
                align?: "weekday";
                /** @description same: a range up to today is compared with the last day up to the same hour, where the answer is counted by hour and these hours are kept; the default. all: with whole days */
                compare_hours?: "same" | "all";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer; as CSV its table */
            200: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["WeekdayHour"];
                        /** @description With compare: the answer for the other days */
                        previous?: {
                            /** Format: date */
                            from: string;
                            /** Format: date */
                            to: string;
                            /**
                             * @description The last day ends before this hour of the site's clock, as the range's last day does so far
                             * @example 2026-03-30T14:00
                             */
                            until?: string;
                            /** @description With `until`: figures that are of the whole day, since no hour has them */
                            whole_days?: string[];
                            data: components["schemas"]["WeekdayHour"];
                        };
                        meta: components["schemas"]["Meta"];
                    };
                    "text/csv": string;
                };
            };
            /** @description The answer has not changed since If-None-Match */
            304: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter is wrong, or `site` is missing (`site_required`) */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No key that reads */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key belongs to another site than `site` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description With the installation's admin key: there is no such site */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Redis is away */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_breakdowns_dimension: {
        parameters: {
            query?: {
                /** @description First day, in the site's time zone; default: the first day kept. Example: `2026-03-01` */
                from?: string;
                /** @description Last day, inclusive, in the same zone; default: today. Example: `2026-03-31` */
                to?: string;
                /** @description What to rank by. page and search_term have events (the default), orders, refunds; coupon has orders (the default), refunds; category and brand: interactions (the default), views, carts, purchases, units, units_refunded. Dimensions of sessions have sessions (the default), the other figures and rates of sessions, and orders; device, browser, os and country have events (their default), too. All of them have revenue; those without sessions have refunded. bot has events only. Equal values are ranked by their sessions */
                metric?: "events" | "orders" | "refunds" | "interactions" | "views" | "carts" | "purchases" | "units" | "units_refunded" | "sessions" | "engaged_sessions" | "engagement_rate" | "bounces" | "bounce_rate" | "session_ms_average" | "viewed_sessions" | "view_rate" | "carted_sessions" | "cart_rate" | "checkout_sessions" | "checkout_rate" | "converted_sessions" | "conversion_rate" | "revenue" | "refunded";
                /** @description For the metrics revenue and refunded; the site's currency when absent */
                currency?: string;
                limit?: number;
                /** @description `next_cursor` of the page before */
                cursor?: string;
                /** @description The key's own site; another site is refused. Required with the admin key of the installation. Example: `shoes` */
                site?: string;
                /** @description csv: the answer's table, as with Accept: text/csv */
                format?: "json" | "csv";
                /** @description Days by name, in the site's time zone, instead of from and to. The last days and months are whole ones: they end before today, or before this month. Example: `last_28_days` */
                range?: "today" | "yesterday" | "last_7_days" | "last_14_days" | "last_28_days" | "last_30_days" | "last_90_days" | "week_to_date" | "last_week" | "month_to_date" | "last_month" | "quarter_to_date" | "year_to_date" | "last_year" | "last_12_months";
                /** @description Adds `previous`: the answer for other days. previous: as many days before. year: the same days of the year before. FROM..TO: these days. Example: `previous` */
                compare?: ("previous" | "year") | string;
                /** @description The days compared with begin on the same weekday: 364 days before with compare=year, whole weeks before with compare=previous, up to three days earlier or later with FROM..TO */
                align?: "weekday";
                /** @description same: a range up to today is compared with the last day up to the same hour, where the answer is counted by hour and these hours are kept; the default. all: with whole days */
                compare_hours?: "same" | "all";
            };
            header?: never;
            path: {
                dimension: "country" | "device" | "browser" | "os" | "page" | "search_term" | "coupon" | "category" | "brand" | "source" | "medium" | "campaign" | "referrer" | "landing_page" | "channel" | "bot";
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer; as CSV its table */
            200: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Breakdown"];
                        /** @description With compare: the answer for the other days */
                        previous?: {
                            /** Format: date */
                            from: string;
                            /** Format: date */
                            to: string;
                            /**
                             * @description The last day ends before this hour of the site's clock, as the range's last day does so far
                             * @example 2026-03-30T14:00
                             */
                            until?: string;
                            /** @description With `until`: figures that are of the whole day, since no hour has them */
                            whole_days?: string[];
                            data: components["schemas"]["Breakdown"];
                        };
                        meta: components["schemas"]["Meta"];
                    };
                    "text/csv": string;
                };
            };
            /** @description The answer has not changed since If-None-Match */
            304: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter is wrong, or `site` is missing (`site_required`) */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No key that reads */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key belongs to another site than `site` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description With the installation's admin key: there is no such site */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Redis is away */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_products: {
        parameters: {
            query?: {
                /** @description First day, in the site's time zone; default: the first day kept. Example: `2026-03-01` */
                from?: string;
                /** @description Last day, inclusive, in the same zone; default: today. Example: `2026-03-31` */
                to?: string;
                /** @description What to rank by; interactions is views + clicks + carts + purchases + refunds + others */
                metric?: "interactions" | "views" | "clicks" | "carts" | "purchases" | "refunds" | "others" | "units" | "units_refunded" | "revenue" | "refunded" | "view_to_cart_rate" | "cart_to_purchase_rate";
                /** @description For revenue and refunded; the site's when absent */
                currency?: string;
                /** @description Only products with this text in their id or name, in any case */
                search?: string;
                /** @description For rates: only products with at least this many views, or carts, the number that is divided by; 1 when absent */
                at_least?: number;
                limit?: number;
                /** @description `next_cursor` of the page before */
                cursor?: string;
                /** @description The key's own site; another site is refused. Required with the admin key of the installation. Example: `shoes` */
                site?: string;
                /** @description csv: the answer's table, as with Accept: text/csv */
                format?: "json" | "csv";
                /** @description Days by name, in the site's time zone, instead of from and to. The last days and months are whole ones: they end before today, or before this month. Example: `last_28_days` */
                range?: "today" | "yesterday" | "last_7_days" | "last_14_days" | "last_28_days" | "last_30_days" | "last_90_days" | "week_to_date" | "last_week" | "month_to_date" | "last_month" | "quarter_to_date" | "year_to_date" | "last_year" | "last_12_months";
                /** @description Adds `previous`: the answer for other days. previous: as many days before. year: the same days of the year before. FROM..TO: these days. Example: `previous` */
                compare?: ("previous" | "year") | string;
                /** @description The days compared with begin on the same weekday: 364 days before with compare=year, whole weeks before with compare=previous, up to three days earlier or later with FROM..TO */
                align?: "weekday";
                /** @description same: a range up to today is compared with the last day up to the same hour, where the answer is counted by hour and these hours are kept; the default. all: with whole days */
                compare_hours?: "same" | "all";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer; as CSV its table */
            200: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Products"];
                        /** @description With compare: the answer for the other days */
                        previous?: {
                            /** Format: date */
                            from: string;
                            /** Format: date */
                            to: string;
                            /**
                             * @description The last day ends before this hour of the site's clock, as the range's last day does so far
                             * @example 2026-03-30T14:00
                             */
                            until?: string;
                            /** @description With `until`: figures that are of the whole day, since no hour has them */
                            whole_days?: string[];
                            data: components["schemas"]["Products"];
                        };
                        meta: components["schemas"]["Meta"];
                    };
                    "text/csv": string;
                };
            };
            /** @description The answer has not changed since If-None-Match */
            304: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter is wrong, or `site` is missing (`site_required`) */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No key that reads */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key belongs to another site than `site` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description With the installation's admin key: there is no such site */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Redis is away */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_products_product: {
        parameters: {
            query?: {
                /** @description First day, in the site's time zone; default: the first day kept. Example: `2026-03-01` */
                from?: string;
                /** @description Last day, inclusive, in the same zone; default: today. Example: `2026-03-31` */
                to?: string;
                /** @description Currency of the money; the site's when absent */
                currency?: string;
                /** @description The key's own site; another site is refused. Required with the admin key of the installation. Example: `shoes` */
                site?: string;
                /** @description csv: the answer's table, as with Accept: text/csv */
                format?: "json" | "csv";
                /** @description Days by name, in the site's time zone, instead of from and to. The last days and months are whole ones: they end before today, or before this month. Example: `last_28_days` */
                range?: "today" | "yesterday" | "last_7_days" | "last_14_days" | "last_28_days" | "last_30_days" | "last_90_days" | "week_to_date" | "last_week" | "month_to_date" | "last_month" | "quarter_to_date" | "year_to_date" | "last_year" | "last_12_months";
                /** @description Adds `previous`: the answer for other days. previous: as many days before. year: the same days of the year before. FROM..TO: these days. Example: `previous` */
                compare?: ("previous" | "year") | string;
                /** @description The days compared with begin on the same weekday: 364 days before with compare=year, whole weeks before with compare=previous, up to three days earlier or later with FROM..TO */
                align?: "weekday";
                /** @description same: a range up to today is compared with the last day up to the same hour, where the answer is counted by hour and these hours are kept; the default. all: with whole days */
                compare_hours?: "same" | "all";
            };
            header?: never;
            path: {
                /** @description A product id, percent-encoded */
                product: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer; as CSV its table */
            200: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Product"];
                        /** @description With compare: the answer for the other days */
                        previous?: {
                            /** Format: date */
                            from: string;
                            /** Format: date */
                            to: string;
                            /**
                             * @description The last day ends before this hour of the site's clock, as the range's last day does so far
                             * @example 2026-03-30T14:00
                             */
                            until?: string;
                            /** @description With `until`: figures that are of the whole day, since no hour has them */
                            whole_days?: string[];
                            data: components["schemas"]["Product"];
                        };
                        meta: components["schemas"]["Meta"];
                    };
                    "text/csv": string;
                };
            };
            /** @description The answer has not changed since If-None-Match */
            304: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter is wrong, or `site` is missing (`site_required`) */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No key that reads */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key belongs to another site than `site` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Nothing happened to this product in the range. Or: With the installation's admin key: there is no such site */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Redis is away */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_revenue: {
        parameters: {
            query?: {
                /** @description First day, in the site's time zone; default: the first day kept. Example: `2026-03-01` */
                from?: string;
                /** @description Last day, inclusive, in the same zone; default: today. Example: `2026-03-31` */
                to?: string;
                /** @description What a row stands for; rows without an order or refund are left out */
                by?: "day" | "month" | "country";
                /** @description The key's own site; another site is refused. Required with the admin key of the installation. Example: `shoes` */
                site?: string;
                /** @description csv: the answer's table, as with Accept: text/csv */
                format?: "json" | "csv";
                /** @description Days by name, in the site's time zone, instead of from and to. The last days and months are whole ones: they end before today, or before this month. Example: `last_28_days` */
                range?: "today" | "yesterday" | "last_7_days" | "last_14_days" | "last_28_days" | "last_30_days" | "last_90_days" | "week_to_date" | "last_week" | "month_to_date" | "last_month" | "quarter_to_date" | "year_to_date" | "last_year" | "last_12_months";
                /** @description Adds `previous`: the answer for other days. previous: as many days before. year: the same days of the year before. FROM..TO: these days. Example: `previous` */
                compare?: ("previous" | "year") | string;
                /** @description The days compared with begin on the same weekday: 364 days before with compare=year, whole weeks before with compare=previous, up to three days earlier or later with FROM..TO */
                align?: "weekday";
                /** @description same: a range up to today is compared with the last day up to the same hour, where the answer is counted by hour and these hours are kept; the default. all: with whole days */
                compare_hours?: "same" | "all";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer; as CSV its table */
            200: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Revenue"];
                        /** @description With compare: the answer for the other days */
                        previous?: {
                            /** Format: date */
                            from: string;
                            /** Format: date */
                            to: string;
                            /**
                             * @description The last day ends before this hour of the site's clock, as the range's last day does so far
                             * @example 2026-03-30T14:00
                             */
                            until?: string;
                            /** @description With `until`: figures that are of the whole day, since no hour has them */
                            whole_days?: string[];
                            data: components["schemas"]["Revenue"];
                        };
                        meta: components["schemas"]["Meta"];
                    };
                    "text/csv": string;
                };
            };
            /** @description The answer has not changed since If-None-Match */
            304: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter is wrong, or `site` is missing (`site_required`) */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No key that reads */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key belongs to another site than `site` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description With the installation's admin key: there is no such site */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Redis is away */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_orders: {
        parameters: {
            query?: {
                /** @description First day, in the site's time zone; default: the first day kept. Example: `2026-03-01` */
                from?: string;
                /** @description Last day, inclusive, in the same zone; default: today. Example: `2026-03-31` */
                to?: string;
                /** @description The most orders of a page. As CSV all orders of the range come, without pages */
                limit?: number;
                /** @description `next_cursor` of the page before */
                cursor?: string;
                /** @description The key's own site; another site is refused. Required with the admin key of the installation. Example: `shoes` */
                site?: string;
                /** @description csv: the answer's table, as with Accept: text/csv */
                format?: "json" | "csv";
                /** @description Days by name, in the site's time zone, instead of from and to. The last days and months are whole ones: they end before today, or before this month. Example: `last_28_days` */
                range?: "today" | "yesterday" | "last_7_days" | "last_14_days" | "last_28_days" | "last_30_days" | "last_90_days" | "week_to_date" | "last_week" | "month_to_date" | "last_month" | "quarter_to_date" | "year_to_date" | "last_year" | "last_12_months";
                /** @description Adds `previous`: the answer for other days. previous: as many days before. year: the same days of the year before. FROM..TO: these days. Example: `previous` */
                compare?: ("previous" | "year") | string;
                /** @description The days compared with begin on the same weekday: 364 days before with compare=year, whole weeks before with compare=previous, up to three days earlier or later with FROM..TO */
                align?: "weekday";
                /** @description same: a range up to today is compared with the last day up to the same hour, where the answer is counted by hour and these hours are kept; the default. all: with whole days */
                compare_hours?: "same" | "all";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer; as CSV its table */
            200: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Orders"];
                        /** @description With compare: the answer for the other days */
                        previous?: {
                            /** Format: date */
                            from: string;
                            /** Format: date */
                            to: string;
                            /**
                             * @description The last day ends before this hour of the site's clock, as the range's last day does so far
                             * @example 2026-03-30T14:00
                             */
                            until?: string;
                            /** @description With `until`: figures that are of the whole day, since no hour has them */
                            whole_days?: string[];
                            data: components["schemas"]["Orders"];
                        };
                        meta: components["schemas"]["Meta"];
                    };
                    "text/csv": string;
                };
            };
            /** @description The answer has not changed since If-None-Match */
            304: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter is wrong, or `site` is missing (`site_required`) */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No key that reads */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key belongs to another site than `site` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description With the installation's admin key: there is no such site */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Redis is away */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_orders_transaction_id: {
        parameters: {
            query?: {
                /** @description The key's own site; another site is refused. Required with the admin key of the installation. Example: `shoes` */
                site?: string;
                /** @description csv: the answer's table, as with Accept: text/csv */
                format?: "json" | "csv";
            };
            header?: never;
            path: {
                /** @description Percent-encoded as in any path */
                transaction_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer; as CSV its table */
            200: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Order"];
                        meta: components["schemas"]["Meta"];
                    };
                    "text/csv": string;
                };
            };
            /** @description The answer has not changed since If-None-Match */
            304: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter is wrong, or `site` is missing (`site_required`) */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No key that reads */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key belongs to another site than `site` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No order has this transaction id. Or: With the installation's admin key: there is no such site */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Redis is away */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_sessions: {
        parameters: {
            query?: {
                /** @description First day, in the site's time zone; default: the first day kept. Example: `2026-03-01` */
                from?: string;
                /** @description Last day, inclusive, in the same zone; default: today. Example: `2026-03-31` */
                to?: string;
                /** @description The key's own site; another site is refused. Required with the admin key of the installation. Example: `shoes` */
                site?: string;
                /** @description csv: the answer's table, as with Accept: text/csv */
                format?: "json" | "csv";
                /** @description Days by name, in the site's time zone, instead of from and to. The last days and months are whole ones: they end before today, or before this month. Example: `last_28_days` */
                range?: "today" | "yesterday" | "last_7_days" | "last_14_days" | "last_28_days" | "last_30_days" | "last_90_days" | "week_to_date" | "last_week" | "month_to_date" | "last_month" | "quarter_to_date" | "year_to_date" | "last_year" | "last_12_months";
                /** @description Adds `previous`: the answer for other days. previous: as many days before. year: the same days of the year before. FROM..TO: these days. Example: `previous` */
                compare?: ("previous" | "year") | string;
                /** @description The days compared with begin on the same weekday: 364 days before with compare=year, whole weeks before with compare=previous, up to three days earlier or later with FROM..TO */
                align?: "weekday";
                /** @description same: a range up to today is compared with the last day up to the same hour, where the answer is counted by hour and these hours are kept; the default. all: with whole days */
                compare_hours?: "same" | "all";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer; as CSV its table */
            200: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Sessions"];
                        /** @description With compare: the answer for the other days */
                        previous?: {
                            /** Format: date */
                            from: string;
                            /** Format: date */
                            to: string;
                            /**
                             * @description The last day ends before this hour of the site's clock, as the range's last day does so far
                             * @example 2026-03-30T14:00
                             */
                            until?: string;
                            /** @description With `until`: figures that are of the whole day, since no hour has them */
                            whole_days?: string[];
                            data: components["schemas"]["Sessions"];
                        };
                        meta: components["schemas"]["Meta"];
                    };
                    "text/csv": string;
                };
            };
            /** @description The answer has not changed since If-None-Match */
            304: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter is wrong, or `site` is missing (`site_required`) */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No key that reads */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key belongs to another site than `site` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description With the installation's admin key: there is no such site */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Redis is away */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_users_unique: {
        parameters: {
            query?: {
                /** @description First day, in the site's time zone; default: the first day kept. Example: `2026-03-01` */
                from?: string;
                /** @description Last day, inclusive, in the same zone; default: today. Example: `2026-03-31` */
                to?: string;
                /** @description The key's own site; another site is refused. Required with the admin key of the installation. Example: `shoes` */
                site?: string;
                /** @description csv: the answer's table, as with Accept: text/csv */
                format?: "json" | "csv";
                /** @description Days by name, in the site's time zone, instead of from and to. The last days and months are whole ones: they end before today, or before this month. Example: `last_28_days` */
                range?: "today" | "yesterday" | "last_7_days" | "last_14_days" | "last_28_days" | "last_30_days" | "last_90_days" | "week_to_date" | "last_week" | "month_to_date" | "last_month" | "quarter_to_date" | "year_to_date" | "last_year" | "last_12_months";
                /** @description Adds `previous`: the answer for other days. previous: as many days before. year: the same days of the year before. FROM..TO: these days. Example: `previous` */
                compare?: ("previous" | "year") | string;
                /** @description The days compared with begin on the same weekday: 364 days before with compare=year, whole weeks before with compare=previous, up to three days earlier or later with FROM..TO */
                align?: "weekday";
                /** @description same: a range up to today is compared with the last day up to the same hour, where the answer is counted by hour and these hours are kept; the default. all: with whole days */
                compare_hours?: "same" | "all";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer; as CSV its table */
            200: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["UniqueUsers"];
                        /** @description With compare: the answer for the other days */
                        previous?: {
                            /** Format: date */
                            from: string;
                            /** Format: date */
                            to: string;
                            /**
                             * @description The last day ends before this hour of the site's clock, as the range's last day does so far
                             * @example 2026-03-30T14:00
                             */
                            until?: string;
                            /** @description With `until`: figures that are of the whole day, since no hour has them */
                            whole_days?: string[];
                            data: components["schemas"]["UniqueUsers"];
                        };
                        meta: components["schemas"]["Meta"];
                    };
                    "text/csv": string;
                };
            };
            /** @description The answer has not changed since If-None-Match */
            304: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter is wrong, or `site` is missing (`site_required`) */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No key that reads */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key belongs to another site than `site` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description With the installation's admin key: there is no such site */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Redis is away */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_retention: {
        parameters: {
            query?: {
                /** @description First day, in the site's time zone; default: the first day kept. Example: `2026-03-01` */
                from?: string;
                /** @description Last day, inclusive, in the same zone; default: today. Example: `2026-03-31` */
                to?: string;
                /** @description Weeks begin on Monday. There is a cohort for each period that the range touches, always of the whole period */
                period?: "day" | "week" | "month";
                /** @description How many periods a cohort is followed, its own included: at most 91 days, 54 weeks, 37 months */
                periods?: number;
                /** @description The key's own site; another site is refused. Required with the admin key of the installation. Example: `shoes` */
                site?: string;
                /** @description csv: the answer's table, as with Accept: text/csv */
                format?: "json" | "csv";
                /** @description Days by name, in the site's time zone, instead of from and to. The last days and months are whole ones: they end before today, or before this month. Example: `last_28_days` */
                range?: "today" | "yesterday" | "last_7_days" | "last_14_days" | "last_28_days" | "last_30_days" | "last_90_days" | "week_to_date" | "last_week" | "month_to_date" | "last_month" | "quarter_to_date" | "year_to_date" | "last_year" | "last_12_months";
                /** @description Adds `previous`: the answer for other days. previous: as many days before. year: the same days of the year before. FROM..TO: these days. Example: `previous` */
                compare?: ("previous" | "year") | string;
                /** @description The days compared with begin on the same weekday: 364 days before with compare=year, whole weeks before with compare=previous, up to three days earlier or later with FROM..TO */
                align?: "weekday";
                /** @description same: a range up to today is compared with the last day up to the same hour, where the answer is counted by hour and these hours are kept; the default. all: with whole days */
                compare_hours?: "same" | "all";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer; as CSV its table */
            200: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Retention"];
                        /** @description With compare: the answer for the other days */
                        previous?: {
                            /** Format: date */
                            from: string;
                            /** Format: date */
                            to: string;
                            /**
                             * @description The last day ends before this hour of the site's clock, as the range's last day does so far
                             * @example 2026-03-30T14:00
                             */
                            until?: string;
                            /** @description With `until`: figures that are of the whole day, since no hour has them */
                            whole_days?: string[];
                            data: components["schemas"]["Retention"];
                        };
                        meta: components["schemas"]["Meta"];
                    };
                    "text/csv": string;
                };
            };
            /** @description The answer has not changed since If-None-Match */
            304: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter is wrong, or `site` is missing (`site_required`) */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No key that reads */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key belongs to another site than `site` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description With the installation's admin key: there is no such site */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Redis is away */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_customers: {
        parameters: {
            query?: {
                /** @description First day, in the site's time zone; default: the first day kept. Example: `2026-03-01` */
                from?: string;
                /** @description Last day, inclusive, in the same zone; default: today. Example: `2026-03-31` */
                to?: string;
                /** @description The key's own site; another site is refused. Required with the admin key of the installation. Example: `shoes` */
                site?: string;
                /** @description csv: the answer's table, as with Accept: text/csv */
                format?: "json" | "csv";
                /** @description Days by name, in the site's time zone, instead of from and to. The last days and months are whole ones: they end before today, or before this month. Example: `last_28_days` */
                range?: "today" | "yesterday" | "last_7_days" | "last_14_days" | "last_28_days" | "last_30_days" | "last_90_days" | "week_to_date" | "last_week" | "month_to_date" | "last_month" | "quarter_to_date" | "year_to_date" | "last_year" | "last_12_months";
                /** @description Adds `previous`: the answer for other days. previous: as many days before. year: the same days of the year before. FROM..TO: these days. Example: `previous` */
                compare?: ("previous" | "year") | string;
                /** @description The days compared with begin on the same weekday: 364 days before with compare=year, whole weeks before with compare=previous, up to three days earlier or later with FROM..TO */
                align?: "weekday";
                /** @description same: a range up to today is compared with the last day up to the same hour, where the answer is counted by hour and these hours are kept; the default. all: with whole days */
                compare_hours?: "same" | "all";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer; as CSV its table */
            200: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Customers"];
                        /** @description With compare: the answer for the other days */
                        previous?: {
                            /** Format: date */
                            from: string;
                            /** Format: date */
                            to: string;
                            /**
                             * @description The last day ends before this hour of the site's clock, as the range's last day does so far
                             * @example 2026-03-30T14:00
                             */
                            until?: string;
                            /** @description With `until`: figures that are of the whole day, since no hour has them */
                            whole_days?: string[];
                            data: components["schemas"]["Customers"];
                        };
                        meta: components["schemas"]["Meta"];
                    };
                    "text/csv": string;
                };
            };
            /** @description The answer has not changed since If-None-Match */
            304: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter is wrong, or `site` is missing (`site_required`) */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No key that reads */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key belongs to another site than `site` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description With the installation's admin key: there is no such site */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Redis is away */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_customers_cohorts: {
        parameters: {
            query?: {
                /** @description First day, in the site's time zone; default: the first day kept. Example: `2026-03-01` */
                from?: string;
                /** @description Last day, inclusive, in the same zone; default: today. Example: `2026-03-31` */
                to?: string;
                /** @description Weeks begin on Monday. There is a cohort for each period that the range touches, always of the whole period */
                period?: "month" | "week";
                /** @description How many periods a cohort is followed, its own included: at most 37 months, 54 weeks */
                periods?: number;
                /** @description The key's own site; another site is refused. Required with the admin key of the installation. Example: `shoes` */
                site?: string;
                /** @description csv: the answer's table, as with Accept: text/csv */
                format?: "json" | "csv";
                /** @description Days by name, in the site's time zone, instead of from and to. The last days and months are whole ones: they end before today, or before this month. Example: `last_28_days` */
                range?: "today" | "yesterday" | "last_7_days" | "last_14_days" | "last_28_days" | "last_30_days" | "last_90_days" | "week_to_date" | "last_week" | "month_to_date" | "last_month" | "quarter_to_date" | "year_to_date" | "last_year" | "last_12_months";
                /** @description Adds `previous`: the answer for other days. previous: as many days before. year: the same days of the year before. FROM..TO: these days. Example: `previous` */
                compare?: ("previous" | "year") | string;
                /** @description The days compared with begin on the same weekday: 364 days before with compare=year, whole weeks before with compare=previous, up to three days earlier or later with FROM..TO */
                align?: "weekday";
                /** @description same: a range up to today is compared with the last day up to the same hour, where the answer is counted by hour and these hours are kept; the default. all: with whole days */
                compare_hours?: "same" | "all";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer; as CSV its table */
            200: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["CustomerCohorts"];
                        /** @description With compare: the answer for the other days */
                        previous?: {
                            /** Format: date */
                            from: string;
                            /** Format: date */
                            to: string;
                            /**
                             * @description The last day ends before this hour of the site's clock, as the range's last day does so far
                             * @example 2026-03-30T14:00
                             */
                            until?: string;
                            /** @description With `until`: figures that are of the whole day, since no hour has them */
                            whole_days?: string[];
                            data: components["schemas"]["CustomerCohorts"];
                        };
                        meta: components["schemas"]["Meta"];
                    };
                    "text/csv": string;
                };
            };
            /** @description The answer has not changed since If-None-Match */
            304: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter is wrong, or `site` is missing (`site_required`) */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No key that reads */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key belongs to another site than `site` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description With the installation's admin key: there is no such site */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Redis is away */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_carts_abandoned: {
        parameters: {
            query?: {
                /** @description First day, in the site's time zone; default: the first day kept. Example: `2026-03-01` */
                from?: string;
                /** @description Last day, inclusive, in the same zone; default: today. Example: `2026-03-31` */
                to?: string;
                limit?: number;
                /** @description `next_cursor` of the page before */
                cursor?: string;
                /** @description The key's own site; another site is refused. Required with the admin key of the installation. Example: `shoes` */
                site?: string;
                /** @description csv: the answer's table, as with Accept: text/csv */
                format?: "json" | "csv";
                /** @description Days by name, in the site's time zone, instead of from and to. The last days and months are whole ones: they end before today, or before this month. Example: `last_28_days` */
                range?: "today" | "yesterday" | "last_7_days" | "last_14_days" | "last_28_days" | "last_30_days" | "last_90_days" | "week_to_date" | "last_week" | "month_to_date" | "last_month" | "quarter_to_date" | "year_to_date" | "last_year" | "last_12_months";
                /** @description Adds `previous`: the answer for other days. previous: as many days before. year: the same days of the year before. FROM..TO: these days. Example: `previous` */
                compare?: ("previous" | "year") | string;
                /** @description The days compared with begin on the same weekday: 364 days before with compare=year, whole weeks before with compare=previous, up to three days earlier or later with FROM..TO */
                align?: "weekday";
                /** @description same: a range up to today is compared with the last day up to the same hour, where the answer is counted by hour and these hours are kept; the default. all: with whole days */
                compare_hours?: "same" | "all";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer; as CSV its table */
            200: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["AbandonedCarts"];
                        /** @description With compare: the answer for the other days */
                        previous?: {
                            /** Format: date */
                            from: string;
                            /** Format: date */
                            to: string;
                            /**
                             * @description The last day ends before this hour of the site's clock, as the range's last day does so far
                             * @example 2026-03-30T14:00
                             */
                            until?: string;
                            /** @description With `until`: figures that are of the whole day, since no hour has them */
                            whole_days?: string[];
                            data: components["schemas"]["AbandonedCarts"];
                        };
                        meta: components["schemas"]["Meta"];
                    };
                    "text/csv": string;
                };
            };
            /** @description The answer has not changed since If-None-Match */
            304: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter is wrong, or `site` is missing (`site_required`) */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No key that reads */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key belongs to another site than `site` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description With the installation's admin key: there is no such site */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Redis is away */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_carts_daily: {
        parameters: {
            query?: {
                /** @description First day, in the site's time zone; default: the first day kept. Example: `2026-03-01` */
                from?: string;
                /** @description Last day, inclusive, in the same zone; default: today. Example: `2026-03-31` */
                to?: string;
                /** @description The key's own site; another site is refused. Required with the admin key of the installation. Example: `shoes` */
                site?: string;
                /** @description csv: the answer's table, as with Accept: text/csv */
                format?: "json" | "csv";
                /** @description Days by name, in the site's time zone, instead of from and to. The last days and months are whole ones: they end before today, or before this month. Example: `last_28_days` */
                range?: "today" | "yesterday" | "last_7_days" | "last_14_days" | "last_28_days" | "last_30_days" | "last_90_days" | "week_to_date" | "last_week" | "month_to_date" | "last_month" | "quarter_to_date" | "year_to_date" | "last_year" | "last_12_months";
                /** @description Adds `previous`: the answer for other days. previous: as many days before. year: the same days of the year before. FROM..TO: these days. Example: `previous` */
                compare?: ("previous" | "year") | string;
                /** @description The days compared with begin on the same weekday: 364 days before with compare=year, whole weeks before with compare=previous, up to three days earlier or later with FROM..TO */
                align?: "weekday";
                /** @description same: a range up to today is compared with the last day up to the same hour, where the answer is counted by hour and these hours are kept; the default. all: with whole days */
                compare_hours?: "same" | "all";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer; as CSV its table */
            200: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["CartsDaily"];
                        /** @description With compare: the answer for the other days */
                        previous?: {
                            /** Format: date */
                            from: string;
                            /** Format: date */
                            to: string;
                            /**
                             * @description The last day ends before this hour of the site's clock, as the range's last day does so far
                             * @example 2026-03-30T14:00
                             */
                            until?: string;
                            /** @description With `until`: figures that are of the whole day, since no hour has them */
                            whole_days?: string[];
                            data: components["schemas"]["CartsDaily"];
                        };
                        meta: components["schemas"]["Meta"];
                    };
                    "text/csv": string;
                };
            };
            /** @description The answer has not changed since If-None-Match */
            304: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter is wrong, or `site` is missing (`site_required`) */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No key that reads */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key belongs to another site than `site` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description With the installation's admin key: there is no such site */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Redis is away */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_live: {
        parameters: {
            query?: {
                /** @description The key's own site; another site is refused. Required with the admin key of the installation. Example: `shoes` */
                site?: string;
                /** @description csv: the answer's table, as with Accept: text/csv */
                format?: "json" | "csv";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer; as CSV its table */
            200: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Live"];
                        meta: components["schemas"]["Meta"];
                    };
                    "text/csv": string;
                };
            };
            /** @description The answer has not changed since If-None-Match */
            304: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter is wrong, or `site` is missing (`site_required`) */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No key that reads */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key belongs to another site than `site` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description With the installation's admin key: there is no such site */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Redis is away */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_live_interactions: {
        parameters: {
            query?: {
                /** @description The most interactions of the answer */
                limit?: number;
                /** @description `position` of an earlier answer: only what was counted since then */
                after?: string;
                /** @description The key's own site; another site is refused. Required with the admin key of the installation. Example: `shoes` */
                site?: string;
                /** @description csv: the answer's table, as with Accept: text/csv */
                format?: "json" | "csv";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer; as CSV its table */
            200: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["NewestInteractions"];
                        meta: components["schemas"]["Meta"];
                    };
                    "text/csv": string;
                };
            };
            /** @description The answer has not changed since If-None-Match */
            304: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter is wrong, or `site` is missing (`site_required`) */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No key that reads */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key belongs to another site than `site` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description With the installation's admin key: there is no such site */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Redis is away */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_search: {
        parameters: {
            query: {
                /** @description A text in a product, or an id */
                q: string;
                /** @description The most products, and the most people */
                limit?: number;
                /** @description The key's own site; another site is refused. Required with the admin key of the installation. Example: `shoes` */
                site?: string;
                /** @description csv: the answer's table, as with Accept: text/csv */
                format?: "json" | "csv";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer; as CSV its table */
            200: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Search"];
                        meta: components["schemas"]["Meta"];
                    };
                    "text/csv": string;
                };
            };
            /** @description The answer has not changed since If-None-Match */
            304: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter is wrong, or `site` is missing (`site_required`) */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No key that reads */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key belongs to another site than `site` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description With the installation's admin key: there is no such site */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Redis is away */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_trending: {
        parameters: {
            query?: {
                metric?: "views" | "carts" | "purchases";
                /** @description The hours after which an event counts half */
                half_life_hours?: number;
                limit?: number;
                /** @description The key's own site; another site is refused. Required with the admin key of the installation. Example: `shoes` */
                site?: string;
                /** @description csv: the answer's table, as with Accept: text/csv */
                format?: "json" | "csv";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer; as CSV its table */
            200: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Trending"];
                        meta: components["schemas"]["Meta"];
                    };
                    "text/csv": string;
                };
            };
            /** @description The answer has not changed since If-None-Match */
            304: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter is wrong, or `site` is missing (`site_required`) */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No key that reads */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key belongs to another site than `site` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description With the installation's admin key: there is no such site */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Redis is away */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_quality: {
        parameters: {
            query?: {
                /** @description First day of receipt, in the site's time zone; default: 30 days up to `to`. Example: `2026-03-01` */
                from?: string;
                /** @description Last day, inclusive, in the same zone; default: today. Example: `2026-03-31` */
                to?: string;
                /** @description The key's own site; another site is refused. Required with the admin key of the installation. Example: `shoes` */
                site?: string;
                /** @description csv: the answer's table, as with Accept: text/csv */
                format?: "json" | "csv";
                /** @description Days by name, in the site's time zone, instead of from and to. The last days and months are whole ones: they end before today, or before this month. Example: `last_28_days` */
                range?: "today" | "yesterday" | "last_7_days" | "last_14_days" | "last_28_days" | "last_30_days" | "last_90_days" | "week_to_date" | "last_week" | "month_to_date" | "last_month" | "quarter_to_date" | "year_to_date" | "last_year" | "last_12_months";
                /** @description Adds `previous`: the answer for other days. previous: as many days before. year: the same days of the year before. FROM..TO: these days. Example: `previous` */
                compare?: ("previous" | "year") | string;
                /** @description The days compared with begin on the same weekday: 364 days before with compare=year, whole weeks before with compare=previous, up to three days earlier or later with FROM..TO */
                align?: "weekday";
                /** @description same: a range up to today is compared with the last day up to the same hour, where the answer is counted by hour and these hours are kept; the default. all: with whole days */
                compare_hours?: "same" | "all";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer; as CSV its table */
            200: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Quality"];
                        /** @description With compare: the answer for the other days */
                        previous?: {
                            /** Format: date */
                            from: string;
                            /** Format: date */
                            to: string;
                            /**
                             * @description The last day ends before this hour of the site's clock, as the range's last day does so far
                             * @example 2026-03-30T14:00
                             */
                            until?: string;
                            /** @description With `until`: figures that are of the whole day, since no hour has them */
                            whole_days?: string[];
                            data: components["schemas"]["Quality"];
                        };
                        meta: components["schemas"]["Meta"];
                    };
                    "text/csv": string;
                };
            };
            /** @description The answer has not changed since If-None-Match */
            304: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter is wrong, or `site` is missing (`site_required`) */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No key that reads */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key belongs to another site than `site` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description With the installation's admin key: there is no such site */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Redis is away */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_ledger: {
        parameters: {
            query?: {
                /** @description The key's own site; another site is refused. Required with the admin key of the installation. Example: `shoes` */
                site?: string;
                /** @description csv: the answer's table, as with Accept: text/csv */
                format?: "json" | "csv";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer; as CSV its table */
            200: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Ledger"];
                        meta: components["schemas"]["Meta"];
                    };
                    "text/csv": string;
                };
            };
            /** @description The answer has not changed since If-None-Match */
            304: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter is wrong, or `site` is missing (`site_required`) */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No key that reads */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key belongs to another site than `site` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description With the installation's admin key: there is no such site */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Redis is away */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_users_user: {
        parameters: {
            query?: {
                /** @description The key's own site; another site is refused. Required with the admin key of the installation. Example: `shoes` */
                site?: string;
                /** @description csv: the answer's table, as with Accept: text/csv */
                format?: "json" | "csv";
            };
            header?: never;
            path: {
                /** @description A user id or anonymous id, percent-encoded as in any path */
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer; as CSV its table */
            200: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["User"];
                        meta: components["schemas"]["Meta"];
                    };
                    "text/csv": string;
                };
            };
            /** @description The answer has not changed since If-None-Match */
            304: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter is wrong, or `site` is missing (`site_required`) */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No key that reads */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key belongs to another site than `site` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Nothing is known of this user. Or: With the installation's admin key: there is no such site */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Redis is away */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_users_user_interactions: {
        parameters: {
            query?: {
                /** @description One day, instead of from and to */
                date?: string;
                /** @description First day, in the site's time zone; default: the first day kept. Example: `2026-03-01` */
                from?: string;
                /** @description Last day, inclusive, in the same zone; default: today. Example: `2026-03-31` */
                to?: string;
                /** @description The most interactions of a page; large interactions make it shorter */
                limit?: number;
                /** @description `next_cursor` of the page before */
                cursor?: string;
                /** @description The key's own site; another site is refused. Required with the admin key of the installation. Example: `shoes` */
                site?: string;
                /** @description csv: the answer's table, as with Accept: text/csv */
                format?: "json" | "csv";
            };
            header?: never;
            path: {
                /** @description A user id or anonymous id, percent-encoded as in any path */
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer; as CSV its table */
            200: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Interactions"];
                        meta: components["schemas"]["Meta"];
                    };
                    "text/csv": string;
                };
            };
            /** @description The answer has not changed since If-None-Match */
            304: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter is wrong, or `site` is missing (`site_required`) */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No key that reads */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key belongs to another site than `site` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Nothing is known of this user. Or: With the installation's admin key: there is no such site */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Redis is away */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_user_engagement_user: {
        parameters: {
            query?: {
                /** @description The key's own site; another site is refused. Required with the admin key of the installation. Example: `shoes` */
                site?: string;
                /** @description csv: the answer's table, as with Accept: text/csv */
                format?: "json" | "csv";
            };
            header?: never;
            path: {
                /** @description A user id or anonymous id, percent-encoded as in any path */
                user: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer; as CSV its table */
            200: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["User"];
                        meta: components["schemas"]["Meta"];
                    };
                    "text/csv": string;
                };
            };
            /** @description The answer has not changed since If-None-Match */
            304: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter is wrong, or `site` is missing (`site_required`) */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No key that reads */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key belongs to another site than `site` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Nothing is known of this user. Or: With the installation's admin key: there is no such site */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Redis is away */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_popular_products_limit: {
        parameters: {
            query?: {
                /** @description First day, in the site's time zone; default: the first day kept. Example: `2026-03-01` */
                from?: string;
                /** @description Last day, inclusive, in the same zone; default: today. Example: `2026-03-31` */
                to?: string;
                /** @description What to rank by; interactions is views + clicks + carts + purchases + refunds + others */
                metric?: "interactions" | "views" | "clicks" | "carts" | "purchases" | "refunds" | "others" | "units" | "units_refunded" | "revenue" | "refunded" | "view_to_cart_rate" | "cart_to_purchase_rate";
                /** @description For revenue and refunded; the site's when absent */
                currency?: string;
                /** @description Only products with this text in their id or name, in any case */
                search?: string;
                /** @description For rates: only products with at least this many views, or carts, the number that is divided by; 1 when absent */
                at_least?: number;
                /** @description `next_cursor` of the page before */
                cursor?: string;
                /** @description The key's own site; another site is refused. Required with the admin key of the installation. Example: `shoes` */
                site?: string;
                /** @description csv: the answer's table, as with Accept: text/csv */
                format?: "json" | "csv";
                /** @description Days by name, in the site's time zone, instead of from and to. The last days and months are whole ones: they end before today, or before this month. Example: `last_28_days` */
                range?: "today" | "yesterday" | "last_7_days" | "last_14_days" | "last_28_days" | "last_30_days" | "last_90_days" | "week_to_date" | "last_week" | "month_to_date" | "last_month" | "quarter_to_date" | "year_to_date" | "last_year" | "last_12_months";
                /** @description Adds `previous`: the answer for other days. previous: as many days before. year: the same days of the year before. FROM..TO: these days. Example: `previous` */
                compare?: ("previous" | "year") | string;
                /** @description The days compared with begin on the same weekday: 364 days before with compare=year, whole weeks before with compare=previous, up to three days earlier or later with FROM..TO */
                align?: "weekday";
                /** @description same: a range up to today is compared with the last day up to the same hour, where the answer is counted by hour and these hours are kept; the default. all: with whole days */
                compare_hours?: "same" | "all";
            };
            header?: never;
            path: {
                limit: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer; as CSV its table */
            200: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Products"];
                        /** @description With compare: the answer for the other days */
                        previous?: {
                            /** Format: date */
                            from: string;
                            /** Format: date */
                            to: string;
                            /**
                             * @description The last day ends before this hour of the site's clock, as the range's last day does so far
                             * @example 2026-03-30T14:00
                             */
                            until?: string;
                            /** @description With `until`: figures that are of the whole day, since no hour has them */
                            whole_days?: string[];
                            data: components["schemas"]["Products"];
                        };
                        meta: components["schemas"]["Meta"];
                    };
                    "text/csv": string;
                };
            };
            /** @description The answer has not changed since If-None-Match */
            304: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter is wrong, or `site` is missing (`site_required`) */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No key that reads */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key belongs to another site than `site` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description With the installation's admin key: there is no such site */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Redis is away */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_event_frequency_event: {
        parameters: {
            query?: {
                /** @description First day, in the site's time zone; default: the first day kept. Example: `2026-03-01` */
                from?: string;
                /** @description Last day, inclusive, in the same zone; default: today. Example: `2026-03-31` */
                to?: string;
                /** @description Adds a series of at most 10000 points. Hours go back 90 days, minutes 2 days, days as long as the site keeps them. Example: `day` */
                grain?: "minute" | "hour" | "day" | "week" | "month";
                /** @description The key's own site; another site is refused. Required with the admin key of the installation. Example: `shoes` */
                site?: string;
                /** @description csv: the answer's table, as with Accept: text/csv */
                format?: "json" | "csv";
                /** @description Days by name, in the site's time zone, instead of from and to. The last days and months are whole ones: they end before today, or before this month. Example: `last_28_days` */
                range?: "today" | "yesterday" | "last_7_days" | "last_14_days" | "last_28_days" | "last_30_days" | "last_90_days" | "week_to_date" | "last_week" | "month_to_date" | "last_month" | "quarter_to_date" | "year_to_date" | "last_year" | "last_12_months";
                /** @description Adds `previous`: the answer for other days. previous: as many days before. year: the same days of the year before. FROM..TO: these days. Example: `previous` */
                compare?: ("previous" | "year") | string;
                /** @description The days compared with begin on the same weekday: 364 days before with compare=year, whole weeks before with compare=previous, up to three days earlier or later with FROM..TO */
                align?: "weekday";
                /** @description same: a range up to today is compared with the last day up to the same hour, where the answer is counted by hour and these hours are kept; the default. all: with whole days */
                compare_hours?: "same" | "all";
            };
            header?: never;
            path: {
                event: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer; as CSV its table */
            200: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["EventFrequency"];
                        /** @description With compare: the answer for the other days */
                        previous?: {
                            /** Format: date */
                            from: string;
                            /** Format: date */
                            to: string;
                            /**
                             * @description The last day ends before this hour of the site's clock, as the range's last day does so far
                             * @example 2026-03-30T14:00
                             */
                            until?: string;
                            /** @description With `until`: figures that are of the whole day, since no hour has them */
                            whole_days?: string[];
                            data: components["schemas"]["EventFrequency"];
                        };
                        meta: components["schemas"]["Meta"];
                    };
                    "text/csv": string;
                };
            };
            /** @description The answer has not changed since If-None-Match */
            304: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter is wrong, or `site` is missing (`site_required`) */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No key that reads */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key belongs to another site than `site` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description With the installation's admin key: there is no such site */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Redis is away */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_user_data_by_date_user_date: {
        parameters: {
            query?: {
                /** @description The most interactions of a page; large interactions make it shorter */
                limit?: number;
                /** @description `next_cursor` of the page before */
                cursor?: string;
                /** @description The key's own site; another site is refused. Required with the admin key of the installation. Example: `shoes` */
                site?: string;
                /** @description csv: the answer's table, as with Accept: text/csv */
                format?: "json" | "csv";
            };
            header?: never;
            path: {
                /** @description A user id or anonymous id, percent-encoded as in any path */
                user: string;
                date: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer; as CSV its table */
            200: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Interactions"];
                        meta: components["schemas"]["Meta"];
                    };
                    "text/csv": string;
                };
            };
            /** @description The answer has not changed since If-None-Match */
            304: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter is wrong, or `site` is missing (`site_required`) */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No key that reads */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key belongs to another site than `site` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Nothing is known of this user. Or: With the installation's admin key: there is no such site */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Redis is away */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    get_user_data_between_dates_user_start_end: {
        parameters: {
            query?: {
                /** @description The most interactions of a page; large interactions make it shorter */
                limit?: number;
                /** @description `next_cursor` of the page before */
                cursor?: string;
                /** @description The key's own site; another site is refused. Required with the admin key of the installation. Example: `shoes` */
                site?: string;
                /** @description csv: the answer's table, as with Accept: text/csv */
                format?: "json" | "csv";
            };
            header?: never;
            path: {
                /** @description A user id or anonymous id, percent-encoded as in any path */
                user: string;
                start: string;
                end: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer; as CSV its table */
            200: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Interactions"];
                        meta: components["schemas"]["Meta"];
                    };
                    "text/csv": string;
                };
            };
            /** @description The answer has not changed since If-None-Match */
            304: {
                headers: {
                    /** @description For If-None-Match: 304 when nothing has changed */
                    etag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description A parameter is wrong, or `site` is missing (`site_required`) */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description No key that reads */
            401: {
                headers: {
                    "WWW-Authenticate": "Bearer";
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description The key belongs to another site than `site` */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Nothing is known of this user. Or: With the installation's admin key: there is no such site */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description Redis is away */
            503: {
                headers: {
                    /** @description Seconds */
                    "Retry-After": string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
