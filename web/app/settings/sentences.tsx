/** A heading and what is to be said under it, a sentence a line. */
export function Sentences({ title, of }: { readonly title: string; readonly of: readonly string[] }) {
	return (
		<section aria-label={title}>
			<h2 className="mb-1.5 font-bold text-base">{title}</h2>
			<ul className="flex list-disc flex-col gap-1 pl-5 marker:text-muted">
				{of.map((sentence) => (
					<li key={sentence}>{sentence}</li>
				))}
			</ul>
		</section>
	);
}
