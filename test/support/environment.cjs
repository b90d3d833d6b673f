'use strict';

const { TestEnvironment } = require('jest-environment-node');

/**
 * Node as a test file sees it, and the check of answers against the OpenAPI document. Jest loads every module again for
 * each file. The document and its validators take half a second of the processor, so they are made once for all files.
 */
module.exports = class FootfallEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    // Late: many files check no answer.
    this.global.footfallContract = () => require('./contract.ts');
  }
};
