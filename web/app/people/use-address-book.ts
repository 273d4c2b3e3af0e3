/** The address book on this device, read again whenever it changes. */
import type { ContactView } from "@troth/client/device/api.ts";
import { useEffect } from "react";
import { type Answer, useAnswer } from "../settings/use-answer.ts";
import { useModel } from "../state/context.ts";

export function useAddressBook(): Answer<readonly ContactView[]> {
	const { host } = useModel();
	const answer = useAnswer(host.addressBook);
	const { again } = answer;
	useEffect(
		() =>
			host.subscribe((event) => {
				if (event.type === "resync" || (event.type === "device" && event.event.type === "contacts")) again();
			}),
		[host, again],
	);
	return answer;
}
