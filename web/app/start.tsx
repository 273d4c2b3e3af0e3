/** Puts the app into the page. */
import { Tooltip } from "radix-ui";
import { type ReactNode, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import type { DeviceHost } from "../device-worker/host.ts";
import "./design/base.css";
import { App } from "./app.tsx";
import { followAppearance } from "./state/appearance.ts";
import { ModelContext } from "./state/context.ts";
import { Model } from "./state/model.ts";

/** Starts the app on this host. */
export function startApp(host: DeviceHost): void {
	const model = new Model(host);
	renderAlone(
		<ModelContext value={model}>
			<Tooltip.Provider delayDuration={500}>
				<App />
			</Tooltip.Provider>
		</ModelContext>,
	);
}

/** Renders without a device: for what must be said when there can be none. */
export function renderAlone(content: ReactNode): void {
	followAppearance();
	const place = document.getElementById("app");
	if (place === null) throw new Error("the page has no place for the app");
	createRoot(place).render(<StrictMode>{content}</StrictMode>);
}
