/** Sums about delivery, as the host says them of days that are over, and what the door reads of them. */
import type { Migration } from "kysely/migration";
import { createDeliveryDays } from "../../consent/delivery-days.ts";

export const deliveries: Migration = { up: createDeliveryDays };
