/**
 * libsodium, where it can be loaded: undefined on machines it has no build for (Alpine), where `node:crypto` does the
 * same, only slower.
 */
export const sodium = await import("sodium-native").then(
	({ default: loaded }) => loaded,
	() => undefined,
);
