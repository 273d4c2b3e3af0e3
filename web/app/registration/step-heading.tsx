/** What a step asks, and why. */
export function StepHeading({ title, text }: { readonly title: string; readonly text: string }) {
	return (
		<div className="flex flex-col gap-2">
			<h1 className="text-balance font-bold text-2xl tracking-[-0.015em]">{title}</h1>
			<p className="text-muted">{text}</p>
		</div>
	);
}
