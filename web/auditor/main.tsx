/** A page of its own, without a device or an account: anybody may check the logs, from any origin. */
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "./auditor.css";
import { AuditorPage } from "./auditor-page.tsx";

const place = document.getElementById("app");
if (place === null) throw new Error("the page has no place for the auditor");
createRoot(place).render(
	<StrictMode>
		<AuditorPage />
	</StrictMode>,
);
