/** A QR code as one path, black on white in both appearances: cameras expect it so. */
import { encode } from "uqr";

export interface QrCodeProps {
	readonly text: string;
	readonly label: string;
	/** CSS pixels; more for longer texts. */
	readonly width?: number;
}

export function QrCode({ text, label, width = 168 }: QrCodeProps) {
	const { size, data } = encode(text, { ecc: "M", border: 2 });
	const path = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ""))).join("");
	return (
		<svg
			role="img"
			aria-label={label}
			viewBox={`0 0 ${size} ${size}`}
			width={width}
			height={width}
			shapeRendering="crispEdges"
			className="rounded-[8px]"
		>
			<rect width={size} height={size} fill="#fff" />
			<path d={path} fill="#1b121a" />
		</svg>
	);
}
