'use strict';

/** In a function's bundle, stands for packages that a dependency names and that are never used. */
module.exports = {};
