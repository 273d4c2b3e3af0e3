/*
 * Share, withdraw and recall of one purpose of one person at one recipient (ADR 0006, points 1, 5 and 6).
 *
 * The channel is the worst there is: what was sent once may arrive at any time, in any order, any number of times or
 * never. Time passes between a decision and what follows from it, so that a share may be decided before a withdrawal
 * and sent after it. FENCE is the recipient's high-water mark; without it the search finds how a share outlives its
 * recall. NEW_YES asks for the way by which a yes after a recall is kept, so that a fence that stops everything does
 * not pass.
 *
 * What one step does here, one transaction does there: bridge/consent/record.ts (Person), bridge/door/writing (Writer),
 * bridge/door/delivery (Queue), family/intake/take.ts (Shares, Recalls).
 */
#define YESES 3
#define ANY(g) select(g : 1 .. YESES)

mtype = { share, recall };

/* The messenger's records. A generation counts the yeses; `standing` says that the last one was not taken back. */
byte generation;
bool standing;
chan outbox = [2 * YESES] of { mtype, byte };
#define MAY(g) (standing && generation == g)

/* The door's store. */
bool recorded[YESES + 1];
bool deferred[YESES + 1];
/* The highest generation that a recorded recall covers. */
byte recalled;
bool writing;

/* What the channel ever carried. */
bool shares[YESES + 1];
bool recalls[YESES + 1];

/* The recipient: the generation of the item it has, 0 for none, and its high-water mark. */
byte kept;
byte mark;
/* Its highest acknowledgement. What was acknowledged as recalled is not there, and never comes back. */
byte acknowledged;
#define GONE (kept == 0 || kept > acknowledged)

active proctype Person() {
end:	do
	:: generation < YESES ->
		atomic { generation++; standing = true; outbox!share(generation) }
	:: standing ->
		atomic { standing = false; outbox!recall(generation) }
	od
}

/*
 * One reader of the outbox, in its order. A share that can not be decided at once waits; a recall does not. A recall is recorded
 * only where a share was.
 */
active proctype Writer() {
	byte g, highest;
	bool may;
end:	do
	:: atomic {
			outbox?share(g);
			if
			:: writing = true; goto decide
			:: deferred[g] = true; g = 0
			fi
		}
	:: atomic {
			ANY(g);
			if
			:: deferred[g] -> deferred[g] = false; writing = true; goto decide
			:: else -> g = 0
			fi
		}
	:: atomic {
			outbox?recall(g);
			for (highest : 1 .. g) {
				if
				:: recorded[highest] && highest > recalled -> recalled = highest
				:: else
				fi
			}
			g = 0; highest = 0
		}
	od;
decide:	atomic { may = MAY(g) };
	/* A withdrawal may come here. */
	atomic { recorded[g] = recorded[g] || may; writing = false; may = false; g = 0; goto end }
}

/* Each share is decided again right before it is sent; recalls are sent until they are acknowledged. */
active proctype Queue() {
	byte g;
	bool may;
end:	do
	:: atomic { ANY(g); may = recorded[g] && MAY(g) };
		/* And here. */
		atomic { shares[g] = shares[g] || may; may = false; g = 0 }
	:: recalled > 0 -> recalls[recalled] = true
	od
}

active proctype Shares() {
	byte g;
end:	do
	:: atomic {
			ANY(g);
			if
			:: !shares[g]
#ifdef FENCE
			:: shares[g] && g <= mark
#endif
			:: shares[g] && g < kept
			:: else ->
				kept = g;
				assert(GONE);
#ifdef NEW_YES
				assert(acknowledged == 0)
#endif
			fi;
			g = 0
		}
	od
}

active proctype Recalls() {
	byte g;
end:	do
	:: atomic {
			ANY(g);
			if
			:: recalls[g] && g > mark -> mark = g
			:: else
			fi;
			if
			:: recalls[g] && kept <= g -> kept = 0
			:: else
			fi;
			if
			:: recalls[g] && g > acknowledged -> acknowledged = g
			:: else
			fi;
			assert(GONE);
			g = 0
		}
	od
}

/* When everything that a person did has been read, nothing that was taken back has left without a recall. */
active proctype Watch() {
	byte g;
	atomic {
		!standing && empty(outbox) && !writing;
		for (g : 1 .. YESES) {
			assert(!shares[g] || g <= recalled)
		}
	}
}
