/** Whether the chats may be shown yet. Only the server knows what was accepted, and it may be out of reach. */
import { useEffect, useState } from "react";
import { useModel } from "../state/context.ts";
import { useCell } from "../state/store.ts";

const KEY = "troth.terms-accepted";
/** Without an answer by then the chats are shown: what needs accepted terms, the server refuses itself. Ms. */
const PATIENCE = 4_000;

/** `ask`: wait a moment; `accept`: nothing was ever accepted; `open`: go on. */
export function useTermsGate(): "ask" | "accept" | "open" {
	const model = useModel();
	const terms = useCell(model.terms);
	const connection = useCell(model.connection);
	const host = useCell(model.hostState);
	const [patient, setPatient] = useState(true);

	useEffect(() => {
		if (host.state !== "open") return;
		const timer = model.clock.after(PATIENCE, () => setPatient(false));
		return () => timer.cancel();
	}, [model, host.state]);

	useEffect(() => {
		if (terms === undefined) return;
		try {
			if (terms.acceptedVersion > 0) localStorage.setItem(KEY, terms.acceptedVersion.toString());
			else localStorage.removeItem(KEY);
		} catch {
			// Without storage every start asks.
		}
	}, [terms]);

	if (terms !== undefined) return terms.acceptedVersion === 0 ? "accept" : "open";
	return remembered() || !patient || connection.state === "offline" ? "open" : "ask";
}

function remembered(): boolean {
	try {
		return localStorage.getItem(KEY) !== null;
	} catch {
		return false;
	}
}
