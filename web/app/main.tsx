/** The page's beginning: the device in its worker, the app in the page. */
import { connectHost } from "../device-worker/connect-host.ts";
import { renderAlone, startApp } from "./start.tsx";
import { missingAbility, UnableScreen } from "./starting/unable.tsx";

const missing = missingAbility();
if (missing === undefined) {
	const worker = new Worker(new URL("../device-worker/device-worker.ts", import.meta.url), {
		type: "module",
		name: "troth-device",
	});
	startApp(
		connectHost({
			post: (call) => worker.postMessage(call),
			listen: (listener) => worker.addEventListener("message", ({ data }) => listener(data)),
		}),
	);
} else renderAlone(<UnableScreen missing={missing} />);

// Without it the app works as well, only not without a network.
if (import.meta.env.PROD) navigator.serviceWorker?.register("/service-worker.js").catch(() => {});

// A page that the browser froze and brings back has lost its worker's lock.
addEventListener("pageshow", ({ persisted }) => {
	if (persisted) location.reload();
});
