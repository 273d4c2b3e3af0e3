/** By what the person may be found, read when a page opens and replaced by what each change answers. */
import type { FindingView } from "@troth/client/device/api.ts";
import { useState } from "react";
import { useAnswer } from "../settings/use-answer.ts";
import { useModel } from "../state/context.ts";

export function useFinding() {
	const { host } = useModel();
	const { value, error, again } = useAnswer(host.finding);
	const [changed, setChanged] = useState<FindingView>();
	return { finding: changed ?? value, error, again, setFinding: setChanged };
}
