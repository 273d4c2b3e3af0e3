/** Stands where a library looks for Node's `crypto` in case WebCrypto is missing. In a worker it never is. */
export const webcrypto = globalThis.crypto;
