'use strict';

const { subscribe } = require('node:diagnostics_channel');

/**
 * A plugin for serverless-offline: it reads a body as text unless the content type is a binary one. That breaks
 * JSON that comes compressed, and hides bytes that are not UTF-8, which the functions refuse. Its check sees
 * application/octet-stream for every body; the function still gets the header that was sent.
 */
class CompressedBodies {
  constructor() {
    const begin = () => {
      subscribe('http.server.request.start', ({ request }) => {
        const { headers } = request;
        const hasBody = headers['content-length'] > 0 || headers['transfer-encoding'] !== undefined;
        if (hasBody) headers['content-type'] = 'application/octet-stream';
      });
    };
    // The first for `serverless offline start`, the second for `serverless offline`.
    this.hooks = { 'before:offline:start:init': begin, 'before:offline:start': begin };
  }
}

module.exports = CompressedBodies;
