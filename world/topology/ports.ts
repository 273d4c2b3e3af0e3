/** Which port each part listens on. */
import { freePorts } from "../supervision/ports.ts";
import type { WorldPorts } from "./plan.ts";

const PARTS = ["messenger", "family", "graph", "photos", "business", "bridge", "witness"] as const;

/** Consecutive ports from `first`, the messenger's; any free ones where it is 0. */
export async function choosePorts(first: number): Promise<WorldPorts> {
	const ports = first === 0 ? await freePorts(PARTS.length) : PARTS.map((_, index) => first + index);
	return Object.fromEntries(PARTS.map((part, index) => [part, ports[index] ?? 0])) as Record<keyof WorldPorts, number>;
}
