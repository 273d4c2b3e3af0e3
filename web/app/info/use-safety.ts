/** The safety number with a person, read again when their keys change or it is confirmed. */
import type { SafetyNumber } from "@troth/client/device/api.ts";
import type { AccountId } from "@troth/protocol";
import { useEffect, useState } from "react";
import { useModel } from "../state/context.ts";
import { Cell, useCell } from "../state/store.ts";

/** Grows with every change of any safety number in this tab. */
export const safetyChanges = new Cell(0);

export function useSafety(account: AccountId | undefined): SafetyNumber | undefined {
	const { host } = useModel();
	const changes = useCell(safetyChanges);
	const [safety, setSafety] = useState<SafetyNumber>();

	useEffect(() => {
		if (account === undefined) return;
		let current = true;
		const read = () =>
			host.safetyNumber(account).then(
				(found) => current && setSafety(found),
				() => current && setSafety(undefined),
			);
		// `changes` only makes this run again.
		if (changes >= 0) void read();
		const stop = host.subscribe((event) => {
			if (event.type === "device" && event.event.type === "message" && event.event.message.body.kind === "keys-changed")
				void read();
		});
		return () => {
			current = false;
			stop();
		};
	}, [host, account, changes]);
	return safety;
}
