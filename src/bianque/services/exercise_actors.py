"""Who acts in the exercise: an account at its duty, with what the register grants it at that hour."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from bianque.model.authority import Authority, Purpose
from bianque.registry import accounts, break_glass, emergencies, grants, organisations
from bianque.registry.register import Register
from bianque.services.exercise_accounts import EMERGENCY


@dataclass(frozen=True, slots=True)
class Actors:
    """The accounts of an exercise's register, in its emergency."""

    register: Register

    def acting(self, login: str, purpose: Purpose, at: dt.datetime) -> Authority:
        """An account as a session of it would act, its second factor given this moment."""
        with self.register.system() as transaction:
            account = accounts.find(transaction, login)
            assert account is not None, "the exercise has this account"
            body = organisations.find(transaction, account.organisation)
            assert body is not None, "and its organisation"
            given = tuple(one.grant for one in grants.of(transaction, login) if one.counts)
            return Authority(
                account=login,
                organisation=body.id,
                agency=account.agency,
                role=account.role,
                kind=body.kind,
                at=at,
                emergency=emergencies.find(transaction, EMERGENCY),
                purpose=purpose,
                basis=next((grant.basis for grant in given if grant.purpose is purpose), None),
                grants=given,
                strong=True,
                proved=at,
                glass=break_glass.in_force(transaction, login, EMERGENCY, at),
            )
