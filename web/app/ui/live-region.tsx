/** What screen readers are told, and the short sentence everybody sees. */
import { useEffect } from "react";
import { useModel } from "../state/context.ts";
import { useCell } from "../state/store.ts";

const SHOWN_FOR = 6_000;

export function LiveRegion() {
	const model = useModel();
	const announcement = useCell(model.announcement);
	const toast = useCell(model.toast);

	useEffect(() => {
		if (toast === undefined) return;
		const timer = model.clock.after(SHOWN_FOR, () => model.toast.set(undefined));
		return () => timer.cancel();
	}, [model, toast]);

	return (
		<>
			<div role="status" aria-live="polite" className="sr-only">
				{announcement}
			</div>
			{toast !== undefined && (
				<div
					aria-hidden="true"
					className="fixed inset-x-4 bottom-24 z-50 mx-auto w-fit max-w-md animate-rise rounded-control bg-ink px-4 py-2.5 text-center text-paper text-sm shadow-floating"
				>
					{toast}
				</div>
			)}
		</>
	);
}
