import type { DeviceKindName } from "@troth/client/device/api.ts";
import { Laptop, MonitorSmartphone, Smartphone, Tablet } from "lucide-react";

const ICONS = { phone: Smartphone, tablet: Tablet, computer: Laptop, other: MonitorSmartphone } as const;

/** What kind of device it is, for the eye; its name stands beside it. */
export function DeviceIcon({ kind, size = 24 }: { readonly kind: DeviceKindName; readonly size?: number }) {
	const Icon = ICONS[kind];
	return <Icon size={size} aria-hidden="true" />;
}
