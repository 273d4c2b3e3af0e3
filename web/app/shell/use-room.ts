/** How many panes there is room for, as the style sheet has it: its breakpoints `md` and `xl`. */
import { useSyncExternalStore } from "react";

export type Room = "one" | "two" | "three";

const TWO = matchMedia("(width >= 48rem)");
const THREE = matchMedia("(width >= 80rem)");

export function useRoom(): Room {
	return useSyncExternalStore(subscribe, room);
}

function room(): Room {
	return THREE.matches ? "three" : TWO.matches ? "two" : "one";
}

function subscribe(changed: () => void): () => void {
	const queries = [TWO, THREE];
	for (const query of queries) query.addEventListener("change", changed);
	return () => {
		for (const query of queries) query.removeEventListener("change", changed);
	};
}
