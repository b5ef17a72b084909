"""The sweep: once a second, what is due is done or handed to a worker.

It decides by the database alone, so that a lost job changes nothing. One process at a
time does this, by a lease; the others only write their heartbeats.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypeVar

import structlog
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from contacts.database import AWAY
from contacts.models import Import, ImportStatus
from mailer.authoring.library import items
from mailer.authoring.pictures.orphans import remove_orphans
from mailer.authoring.pictures.store import PictureFolder
from mailer.bootstrap import Mailer
from mailer.campaigns import binning, in_doubt, sender_gate, sending
from mailer.campaigns import due as steps
from mailer.campaigns.checks import asking
from mailer.campaigns.timeline import replanning
from mailer.clock import ClockWatch
from mailer.counts import keeping, marks
from mailer.delivery.claims import future_times, recovery
from mailer.delivery.claims.dispatching import send_jobs
from mailer.delivery.claims.held_claims import HeldClaims
from mailer.delivery.routing import pacing
from mailer.delivery.verdicts.retry_policy import RetryPolicy
from mailer.domains.routes import gate_of
from mailer.gathering.feeds import polling
from mailer.gathering.stories import reminding, thanking
from mailer.loops import Loop, steady
from mailer.models import Campaign, CampaignStatus
from mailer.notices import caps, carrying, declining, issues, requests
from mailer.queue.jobs import Jobs
from mailer.queue.leases import give_back, hold_lease
from mailer.receipts.tracking import classifying
from mailer.worker import steps_at_work
from mailer.worker.isolation import campaign_alone

T = TypeVar("T")
log = structlog.get_logger(__name__)

_TIDY_EVERY: Final = timedelta(hours=1)
_TIDY_FILES_EVERY: Final = timedelta(days=1)
_GATHER_EVERY: Final = timedelta(minutes=1)
_ASK_AGAIN: Final = timedelta(seconds=20)
_THOROUGH_EVERY: Final = 60.0  # seconds
_LONGEST_CHECK: Final = timedelta(minutes=2)  # that a planned send waits for


class Sweep:
    """The sweep of one process. ``tick`` does what is due; ``run`` ticks until it is stopped.

    ``held`` are the claims of the couriers of this process, whose courier id is ``name``.
    ``clock_was_set`` is told when the clock was, and by how much.
    """

    def __init__(
        self,
        mailer: Mailer,
        jobs: Jobs,
        *,
        name: str,
        held: HeldClaims,
        steady: Callable[[], float] = steady,
        clock_was_set: Callable[[timedelta], None] = lambda _step: None,
    ) -> None:
        self._mailer = mailer
        self._database = mailer.database
        self._jobs = jobs
        self._name = name
        self._held = held
        self._steady = steady
        self._watch = ClockWatch(steady)
        self._clock_was_set = clock_was_set
        self._retries = RetryPolicy(mailer.settings.retry_schedule, mailer.settings.expire_after)
        self._thorough_at = 0.0  # steady, as the next one
        self._recover_at = 0.0
        self._heartbeat_due: datetime | None = None
        self._tidy_due: datetime | None = None
        self._tidy_files_due: datetime | None = None
        self._gather_due: datetime | None = None
        self._asked: dict[tuple[str, int], datetime] = {}
        self._awaited: dict[int, datetime] = {}

    def run(
        self, stopping: threading.Event, *, every: float = 1.0, loop: Loop = Loop("sweep")
    ) -> None:
        """Tick until ``stopping``; a database or a queue that is away is waited for."""
        while not stopping.wait(every):
            with loop.turn():
                now = self._mailer.clock()
                if step := self._watch.step(now):
                    self._take_note(step, now)
                self.tick(now)
        with loop.turn():
            self._write(lambda session: give_back(session, "sweep", self._name))

    def tick(self, now: datetime) -> None:
        """Do everything that is due at ``now``; what fails keeps nothing else from being done."""
        with _apart("heartbeat"):
            self._heartbeat(now)
        if not self._hold_lease(now):
            return
        for part in (
            *(self._pull_back, self._recover, self._answer, self._plan_timelines),
            self._take_steps,
            *(self._carry_on, self._tell_people, self._gather, self._chores),
            *(self._tidy, self._tidy_files),
        ):
            with _apart(part.__name__.strip("_")):
                part(now)

    def _answer(self, now: datetime) -> None:
        requests.answer_all(self._mailer, now=now)

    def _carry_on(self, now: datetime) -> None:
        live = self._live_campaigns()
        for campaign_id, _ in live:
            with campaign_alone(self._database, campaign_id, clock=self._mailer.clock):
                self._end(campaign_id, now)
        # From here on the queue is needed; while it is away, finished campaigns are finished all
        # the same.
        for campaign_id, status in live:
            if status is CampaignStatus.SENDING:
                with _apart("jobs", campaign=campaign_id):
                    self._move_on(campaign_id, now)

    def _take_note(self, step: timedelta, now: datetime) -> None:
        """The clock was set: nothing of this process waits for a time that another clock gave."""
        back = step < timedelta(0)
        way = "back" if back else "forward"
        log.warning(f"the clock was set {way}, sending goes on", seconds=step.total_seconds())
        self._clock_was_set(step)
        self._heartbeat_due = self._tidy_due = self._gather_due = None
        self._asked, self._awaited = {}, {}
        # Others that live have yet to say so by the new time.
        self._recover_at = self._steady() + recovery.DEAD_AFTER.total_seconds()
        self._thorough_at = 0.0
        if back:
            self._write(partial(pacing.pull_back, stepped=True, now=now))

    def _pull_back(self, now: datetime) -> None:
        """What a clock that was ahead has written is due now, also if that was before a restart."""
        thorough = self._steady() >= self._thorough_at
        if thorough:
            self._thorough_at = self._steady() + _THOROUGH_EVERY
        longest = self._retries.longest
        with self._database.reading() as session:
            waits = future_times.any_ahead(session, longest=longest, thorough=thorough, now=now)
            rests = pacing.uses_ahead(session, now=now)
        if waits:
            self._write(
                partial(future_times.pull_back, longest=longest, thorough=thorough, now=now)
            )
        if rests:
            self._write(partial(pacing.pull_back, now=now))
        if waits or rests:
            log.warning("times in the future count as now: the clock was ahead")

    def _tidy(self, now: datetime) -> None:
        if _is_due(self._tidy_due, _TIDY_EVERY, now):
            self._write(partial(pacing.forget_old_uses, now=now))
            self._write(partial(caps.forget_old_counts, now=now))
            self._write(partial(declining.forget_old_ones, now=now))
            self._write(partial(classifying.forget_sources, now=now))
            self._write(partial(keeping.forget_old, now=now))
            self._write(marks.add_up)
            if number := self._write(partial(binning.empty, now=now)):
                log.info("removed issues that were in the bin", number=number)
            if number := self._write(partial(items.empty_bin, now=now)):
                log.info("removed items of the library that were in the bin", number=number)
            self._tidy_due = now + _TIDY_EVERY

    def _tidy_files(self, now: datetime) -> None:
        if _is_due(self._tidy_files_due, _TIDY_FILES_EVERY, now):
            folder = PictureFolder(self._mailer.settings.pictures_dir)
            with self._database.reading() as session:
                if number := remove_orphans(session, folder, now=now):
                    log.info("removed files of pictures that nothing names", number=number)
            self._tidy_files_due = now + _TIDY_FILES_EVERY

    def _heartbeat(self, now: datetime) -> None:
        if _is_due(self._heartbeat_due, recovery.HEARTBEAT_EVERY, now):
            self._write(lambda session: recovery.heartbeat(session, self._name, now=now))
            self._heartbeat_due = now + recovery.HEARTBEAT_EVERY
            release = partial(recovery.release_orphans, courier_id=self._name, now=now)
            if number := self._write(partial(release, held=self._held)):
                log.warning("released claims that no thread held", number=number)

    def _hold_lease(self, now: datetime) -> bool:
        return self._write(lambda session: hold_lease(session, "sweep", self._name, now=now))

    def _recover(self, now: datetime) -> None:
        if self._steady() < self._recover_at:
            return
        with self._database.reading() as session:
            dead = recovery.dead_couriers(session, now=now)
        for courier_id in dead:
            with _apart("recovery", courier=courier_id):
                held = self._write(partial(recovery.recover, courier_id=courier_id, now=now))
                log.warning("took over from a dead courier", courier=courier_id, batches=held)

    def _plan_timelines(self, now: datetime) -> None:
        with self._database.reading() as session:
            waiting = replanning.waiting(session)
        for campaign_id in waiting:
            with _apart("timeline", campaign=campaign_id):
                self._write(partial(replanning.replan, campaign_id=campaign_id, now=now))

    def _take_steps(self, now: datetime) -> None:
        self._vet_senders(now)
        with self._database.reading() as session:
            due = steps.due(session, now=now)
            gate = gate_of(session, self._mailer.settings)
        for step_id in due:
            if self._awaited.get(step_id, now - _LONGEST_CHECK) > now - _LONGEST_CHECK:
                continue
            try:
                site, tokens = self._mailer.settings.site, self._mailer.tokens
                do = partial(steps_at_work.take_step, step_id=step_id, gate=gate, site=site)
                outcome = self._write(partial(do, tokens=tokens, now=now))
            except AWAY:
                raise
            except Exception as fault:  # whatever it is, it is about this step only
                log.exception("a step cannot be taken", step=step_id)
                outcome = self._write(
                    partial(steps_at_work.put_off, step_id=step_id, fault=fault, now=now)
                )
            if outcome:
                log.info("step taken", step=step_id, outcome=outcome)

    def _vet_senders(self, now: datetime) -> None:
        # DNS may take ten seconds, so it is a worker's chore. A planned send waits at most two
        # minutes for it; then the checks of before decide whether it goes or is held.
        with self._database.reading() as session:
            awaiting = sender_gate.awaiting(session, self._mailer.settings, now=now)
        self._awaited = {step_id: self._awaited.get(step_id, now) for step_id in awaiting}
        for campaign_id in awaiting.values():
            self._ask("vet", campaign_id, now)

    def _live_campaigns(self) -> list[tuple[int, CampaignStatus]]:
        live = or_(
            Campaign.status == CampaignStatus.SENDING,
            (Campaign.status == CampaignStatus.STOPPED) & Campaign.finished_at.is_(None),
        )
        with self._database.reading() as session:
            return list(session.execute(select(Campaign.id, Campaign.status).where(live)))

    def _end(self, campaign_id: int, now: datetime) -> None:
        self._write(partial(in_doubt.send_again_by_policy, campaign_id=campaign_id, now=now))
        self._write(partial(sending.finish_if_done, campaign_id=campaign_id, now=now))

    def _move_on(self, campaign_id: int, now: datetime) -> None:
        with self._database.reading() as session:
            frozen = session.scalar(select(Campaign.frozen_at).where(Campaign.id == campaign_id))
        if frozen is None:
            self._ask("freeze", campaign_id, now)
            return
        send_jobs(self._database, self._jobs, campaign_id, now=now)

    def _chores(self, now: datetime) -> None:
        self._asked = {key: at for key, at in self._asked.items() if now - _ASK_AGAIN < at <= now}
        with self._database.reading() as session:
            waiting = carrying.due(session, now=now)
            linking = asking.awaiting(session, now=now)
            stale = polling.due(session, now=now)
            uncounted = keeping.next_wanted(session)
            running = session.scalars(
                select(Import.id).where(Import.status == ImportStatus.RUNNING)
            ).all()
        for notice_id in waiting:
            self._ask("notify", notice_id, now)
        for import_id in running:
            self._ask("take_in", import_id, now)
        for campaign_id in linking:
            self._ask("ask_addresses", campaign_id, now)
        for feed_id in stale:
            self._ask("look_at_feed", feed_id, now)
        if uncounted is not None:
            self._ask("recount", uncounted, now)

    def _tell_people(self, now: datetime) -> None:
        with self._database.reading() as session:
            untold = issues.untold(session)
        for campaign_id in untold:
            try:
                site = self._mailer.settings.site
                self._write(partial(issues.tell, campaign_id=campaign_id, site=site, now=now))
            except AWAY:
                raise
            except Exception:  # whatever it is, it stands on the issue's page too
                log.exception("people of an issue could not be told", campaign=campaign_id)
                self._write(partial(issues.keep_quiet, campaign_id=campaign_id))

    def _gather(self, now: datetime) -> None:
        """Remind and thank whoever is to be: each by what its row says, so never twice, and after
        a time in which nothing ran those for whom it is still right."""
        if not _is_due(self._gather_due, _GATHER_EVERY, now):
            return
        self._gather_due = now + _GATHER_EVERY
        site, tokens = self._mailer.settings.site, self._mailer.tokens
        with self._database.reading() as session:
            silent, told = reminding.due(session, now=now), thanking.due(session, now=now)
        for ask_id in silent:
            with _apart("reminder", ask=ask_id):
                remind = partial(reminding.remind, site=site, tokens=tokens, now=now)
                self._write(partial(remind, ask_id=ask_id))
        for ask_id in told:
            with _apart("thanks", ask=ask_id):
                self._write(partial(thanking.thank, ask_id=ask_id, site=site, now=now))

    def _ask(self, name: str, subject_id: int, now: datetime) -> None:
        # A long chore is asked for again now and then, in case its job was lost, but not every
        # second: the queue would fill with jobs that find nothing to do.
        if self._asked.get((name, subject_id), now - _ASK_AGAIN) <= now - _ASK_AGAIN:
            self._asked[name, subject_id] = now
            self._jobs.send(name, subject_id)

    def _write(self, do: Callable[[Session], T]) -> T:
        with self._database.writing() as session:
            return do(session)


@contextmanager
def _apart(part: str, **subject: object) -> Iterator[None]:
    """Whatever fails inside is said, and tried again by the next tick; others are not kept back.

    A database that is away concerns them all, and is waited for.
    """
    try:
        yield
    except AWAY:
        raise
    except Exception as fault:  # whatever it is, a worker without a sweep does nothing
        kind = type(fault).__name__
        log.warning("the sweep tries again", part=part, error=kind, why=str(fault), **subject)


def _is_due(due_at: datetime | None, every: timedelta, now: datetime) -> bool:
    # One that is further away than it is apart was set by a clock that was ahead.
    return due_at is None or not now < due_at <= now + every
