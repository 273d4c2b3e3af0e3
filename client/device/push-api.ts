/** Being woken while nothing of the app runs, as apps see it: a part of the device's surface (`api.ts`). */

export interface PushView {
	/** What a browser makes its subscription for: P-256, 65 bytes. Undefined where this server wakes nobody. */
	readonly publicKey: Uint8Array<ArrayBuffer> | undefined;
	/** SHA-256 of the endpoint that this device is woken at, hex; undefined where it is not. */
	readonly endpointHash: string | undefined;
}

export interface PushDevice {
	/** Rejects with UNAVAILABLE. */
	push(): Promise<PushView>;
	/**
	 * From now on this device is woken there when somebody writes and it is away. The push service learns that something
	 * happened, and nothing else. Rejects with FORBIDDEN (not one that the server talks to), UNAVAILABLE.
	 */
	subscribePush(endpoint: string): Promise<void>;
	unsubscribePush(): Promise<void>;
}
