/** What a host counts of its own deliveries, about nobody: read once for each day, when it is over. */
import type { DeliveryCell } from "@troth/protocol";
import { coarseSystem, coarseVersion } from "../../consent/delivery-days.ts";

/** What each row of a day has, as the host may call it in a view. */
export const DELIVERY_COLUMNS = ["os", "app_version", "outcome", "times"] as const;
export type DeliveryColumn = (typeof DELIVERY_COLUMNS)[number];

/** The most rows of one day that are looked at: there are a few systems, and a few versions of each. */
export const DELIVERY_ROWS = 1000;

/** As it may leave: coarse words, whole numbers, one cell for each of them. What is no count counts nothing. */
export function cleanDeliveries(rows: readonly unknown[]): readonly DeliveryCell[] {
	const cells = new Map<string, DeliveryCell>();
	for (const row of rows) {
		const { os, app_version, outcome, times: said } = Object(row) as Readonly<Record<DeliveryColumn, unknown>>;
		const times = Number(said);
		if ((outcome !== "delivered" && outcome !== "left") || !Number.isSafeInteger(times) || times <= 0) continue;
		const kind = { os: coarseSystem(String(os)), app_version: coarseVersion(String(app_version)), outcome } as const;
		const key = Object.values(kind).join(" ");
		cells.set(key, { ...kind, times: times + (cells.get(key)?.times ?? 0) });
	}
	return [...cells.values()];
}
