'use strict';

const { subscribe } = require('node:diagnostics_channel');

/**
 * A plugin for serverless-offline: it reads a body as text unless the content type is a binary one, which
 * breaks JSON that comes compressed. Its check sees application/octet-stream for those; the function still
 * gets the header that was sent.
 */
class CompressedBodies {
  constructor() {
    const begin = () => {
      subscribe('http.server.request.start', ({ request }) => {
        if (request.headers['content-encoding']) request.headers['content-type'] = 'application/octet-stream';
      });
    };
    // The first for `serverless offline start`, the second for `serverless offline`.
    this.hooks = { 'before:offline:start:init': begin, 'before:offline:start': begin };
  }
}

module.exports = CompressedBodies;
