# pragma version ==0.4.3
"""
@title Odd token
@notice A token for tests that misbehaves as it is told to: it takes a fee, changes balances, answers false,
        refuses an account, takes more than it was asked to, and calls back.
"""

ONE: constant(uint256) = 10**18

decimals: public(constant(uint8)) = 6

shares: HashMap[address, uint256]
allowance: public(HashMap[address, HashMap[address, uint256]])
index: public(uint256)
fee_percent: public(uint256)
taken_on_top: public(uint256)
answer: public(bool)
refuses_all: public(bool)
refused: public(HashMap[address, bool])
called: public(address)
call: Bytes[1024]
call_backs: public(uint256)
call_backs_refused: public(uint256)


@deploy
def __init__():
    self.index = ONE
    self.answer = True


@external
def mint(to: address, amount: uint256):
    self.shares[to] += amount * ONE // self.index


@external
def misbehave(fee_percent: uint256, taken_on_top: uint256, answer: bool, refuses_all: bool):
    self.fee_percent = fee_percent
    self.taken_on_top = taken_on_top
    self.answer = answer
    self.refuses_all = refuses_all


@external
def refuse(account: address, refused: bool):
    self.refused[account] = refused


@external
def rebase(percent: uint256):
    self.index = self.index * percent // 100


@external
def call_back(to: address, call: Bytes[1024]):
    self.called = to
    self.call = call


@external
@view
def balanceOf(owner: address) -> uint256:
    return self.shares[owner] * self.index // ONE


@external
def approve(spender: address, amount: uint256) -> bool:
    self.allowance[msg.sender][spender] = amount
    return True


@external
def transfer(to: address, amount: uint256) -> bool:
    return self._move(msg.sender, to, amount)


@external
def transferFrom(owner: address, to: address, amount: uint256) -> bool:
    self.allowance[owner][msg.sender] -= amount
    return self._move(owner, to, amount)


@internal
def _move(owner: address, to: address, amount: uint256) -> bool:
    assert not self.refuses_all, "odd_token: refuses everybody"
    assert not self.refused[owner] and not self.refused[to], "odd_token: refuses this account"
    if not self.answer:
        return False
    self.shares[owner] -= self._shares(amount + self.taken_on_top)
    self.shares[to] += self._shares(amount - amount * self.fee_percent // 100)
    if self.called != empty(address):
        done: bool = raw_call(self.called, self.call, revert_on_failure=False)
        self.call_backs += 1
        if not done:
            self.call_backs_refused += 1
    return True


@internal
@view
def _shares(amount: uint256) -> uint256:
    return (amount * ONE + self.index - 1) // self.index
