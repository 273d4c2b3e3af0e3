/** Handing a text to whatever the person writes with: the system's own sheet, or the clipboard. */

export function canSendText(): boolean {
	return typeof navigator.share === "function";
}

/** Resolves also where the person closed the sheet. */
export async function sendText(text: string): Promise<void> {
	try {
		await navigator.share({ text });
	} catch (error) {
		if (!(error instanceof DOMException) || error.name !== "AbortError") throw error;
	}
}
