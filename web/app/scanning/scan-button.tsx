/** Opens the scanner, which goes with the first code that it reads. */
import { ScanQrCode } from "lucide-react";
import { useState } from "react";
import { Button } from "../ui/button.tsx";
import { ScanSheet } from "./scan-sheet.tsx";

export interface ScanButtonProps {
	readonly label: string;
	/** What to do where the browser can not scan, as a sentence of its own. */
	readonly instead: string;
	readonly onCode: (text: string) => void;
}

export function ScanButton({ label, instead, onCode }: ScanButtonProps) {
	const [scanning, setScanning] = useState(false);
	const close = () => setScanning(false);
	return (
		<>
			<Button look="quiet" className="min-h-12" onClick={() => setScanning(true)}>
				<ScanQrCode size={18} aria-hidden="true" /> {label}
			</Button>
			{scanning && (
				<ScanSheet
					title={label}
					instead={instead}
					onClose={close}
					onCode={(text) => {
						close();
						onCode(text);
					}}
				/>
			)}
		</>
	);
}
