/**
 * Puts a page of the bridge into a page of yours:
 *
 *   <div id="sharing"></div>
 *   <script src="https://consent.example/embed.js"></script>
 *   <script>
 *     troth.embed(document.getElementById("sharing"), {
 *       page: "notice", // or "settings", "shares", "link"
 *       token: () => fetch("/my/sharing-token", { method: "POST" }).then((answer) => answer.text()),
 *       to: undefined, // for "link": the address with which a company's page sent the person to yours
 *       onDecided: () => {}, // the person has answered
 *       onLater: () => {}, // or does not want to answer now
 *     });
 *   </script>
 *
 * `token` asks your own server who is logged in; it is called whenever the page needs a fresh word of yours. The page is
 * as high as what it shows. Returns the frame, to be removed when you like.
 */
(() => {
	const origin = new URL(document.currentScript.src).origin;

	async function embed(element, { page = "settings", title = "Sharing", token, to, onDecided, onLater }) {
		const frame = document.createElement("iframe");
		frame.title = title;
		frame.style.cssText = "display: block; width: 100%; border: 0; height: 20rem; color-scheme: normal";
		frame.referrerPolicy = "no-referrer";
		addEventListener("message", async ({ origin: from, source, data }) => {
			if (source !== frame.contentWindow || from !== origin || typeof data?.troth !== "string") return;
			if (data.troth === "height") frame.style.height = `${Math.ceil(data.height)}px`;
			if (data.troth === "decided") onDecided?.();
			if (data.troth === "later") onLater?.();
			if (data.troth !== "token") return;
			const fresh = await token();
			frame.contentWindow?.postMessage({ troth: "token", token: fresh }, origin);
		});
		// A fragment reaches no server and no log.
		const handed = new URLSearchParams({ token: await token(), ...(to && { to }) });
		frame.src = `${origin}/embed/?page=${encodeURIComponent(page)}#${handed}`;
		element.replaceChildren(frame);
		return frame;
	}

	window.troth = { embed };
})();
