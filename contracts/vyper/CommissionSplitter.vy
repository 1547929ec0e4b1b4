# pragma version ==0.4.3
# pragma evm-version cancun
# pragma optimize gas
"""
@title Commission splitter
@author Tallystick
@notice A second opinion on a split: works out what every payee gets of an order line, and what a refund takes
        back of it, from a plan compiled out of the signed document.
@dev Pure: it keeps nothing, reads no state and moves no money, so it can be run anywhere that runs this code.
     Amounts are integers of the currency's minor unit, figures between them exact fractions of two words, and
     arithmetic that would overflow reverts. A plan and the lines of an order are terms and trade: ask a node
     of one's own by a call, and send neither to a public chain in a transaction.

     A plan's code is a row of instructions for a machine with a stack. The lowest byte of a word says what
     to do. Constants stand above it, a denominator in bits 8 to 127 and a signed numerator in bits 128 to
     255; otherwise bits 8 to 23 are a position or a distance, and bits 24 to 39 a count. Jumps only go
     forward, so that every plan ends. Figures are numbered: 0 is the whole, 1 the base, 2 the first step.
     Texts are compared by the first 15 bytes of their Keccak-256 digests, days by their ordinal numbers.
"""


MAX_FACTS: constant(uint256) = 24
MAX_STEPS: constant(uint256) = 40
MAX_FUNDERS: constant(uint256) = 8
MAX_CODE: constant(uint256) = 640
MAX_ROWS: constant(uint256) = 1024
MAX_CELLS: constant(uint256) = 1024
MAX_RESULTS: constant(uint256) = 2048
MAX_STACK: constant(uint256) = 32

# What to do with the stack.
NUMBER: constant(uint256) = 1
FACT: constant(uint256) = 2
FIGURE: constant(uint256) = 3
ADD: constant(uint256) = 4
SUBTRACT: constant(uint256) = 5
MULTIPLY: constant(uint256) = 6
DIVIDE: constant(uint256) = 7
LEAST: constant(uint256) = 8
GREATEST: constant(uint256) = 9
LESS: constant(uint256) = 10
EQUAL: constant(uint256) = 11
OPPOSITE: constant(uint256) = 12
ROUND: constant(uint256) = 13
JUMP: constant(uint256) = 14
JUMP_IF_FALSE: constant(uint256) = 15
LOOKUP: constant(uint256) = 16
BRACKET: constant(uint256) = 17
MARGINAL: constant(uint256) = 18

# What to do with a figure, once it is worked out.
WHOLE: constant(uint256) = 32
BASE: constant(uint256) = 33
STEP: constant(uint256) = 34
REST: constant(uint256) = 35
FUNDED: constant(uint256) = 36
REFUNDABLE: constant(uint256) = 37

# A step's word: its parent in the lowest byte (0 the whole, else one more than the pool's place), then flags.
POOL: constant(uint256) = 1 << 8
KEPT: constant(uint256) = 1 << 9
RESTS: constant(uint256) = 1 << 10

HALF_UP: constant(uint256) = 0
HALF_EVEN: constant(uint256) = 1
FLOOR: constant(uint256) = 2

# @dev Denominators beyond this are brought to lowest terms; below it that is not worth its price.
LARGE: constant(int256) = 1 << 96
# @dev No fact and no amount is larger, so that what is computed of them stays within a word.
LARGEST_FACT: constant(int256) = (1 << 120) - 1
LARGEST_AMOUNT: constant(uint256) = (1 << 63) - 1


# @dev The split of one agreement version. `parts` says of each fact into how many parts of a unit it is
#      counted: 100 for yuan in fen, 1 for a count. `fed` is set where another agreement brings the whole.
struct Plan:
    rounding: uint256
    scale: uint256
    fed: bool
    funders: uint256
    parts: DynArray[uint256, MAX_FACTS]
    steps: DynArray[uint256, MAX_STEPS]
    code: DynArray[uint256, MAX_CODE]
    rows: DynArray[uint256, MAX_ROWS]


# @dev A fraction in any terms; the denominator is positive.
struct Fraction:
    over: int256
    under: int256


# @dev What is posted of one line, in minor units: pools and legs in the order of the plan's steps.
struct Posted:
    whole: int256
    refundable: int256
    steps: DynArray[int256, MAX_STEPS]
    funding: DynArray[int256, MAX_FUNDERS]


@external
@pure
def plan_digest(plan: Plan) -> bytes32:
    """
    @notice Name a plan by its content.
    @param plan The plan.
    @return Keccak-256 of its ABI encoding.
    """
    return keccak256(abi_encode(plan))


@external
@pure
def split_lines(
    plan: Plan, lines: DynArray[int256, MAX_CELLS], states: uint256
) -> DynArray[int256, MAX_RESULTS]:
    """
    @notice Split order lines and say what has been taken back of each so far.
    @param plan The plan that all lines are split by.
    @param lines Cells of line after line: every fact in the order of the plan; what is refundable of the
           line, zero where the plan works it out; and for each state how much was refunded, and how much of
           a fed whole was taken back.
    @param states How many states of refund each line has.
    @return Of line after line, in minor units: the whole, what is refundable, each step, each funder's part;
            and for each state what is taken back of each step and returned to each funder.
    """
    facts: uint256 = len(plan.parts)
    width: uint256 = facts + 1 + 2 * states
    assert len(lines) % width == 0, "commission_splitter: a line is cut short"
    found: DynArray[int256, MAX_RESULTS] = []
    for number: uint256 in range(len(lines) // width, bound=MAX_CELLS):
        start: uint256 = number * width
        given: DynArray[int256, MAX_FACTS] = []
        for place: uint256 in range(facts, bound=MAX_FACTS):
            given.append(lines[start + place])
        posted: Posted = self._split(plan, given)
        if plan.fed:
            posted.refundable = lines[start + facts]
        found.append(posted.whole)
        found.append(posted.refundable)
        for amount: int256 in posted.steps:
            found.append(amount)
        for amount: int256 in posted.funding:
            found.append(amount)
        for state: uint256 in range(states, bound=MAX_CELLS):
            at: uint256 = start + facts + 1 + 2 * state
            back: Posted = self._taken_back(plan, posted, lines[at], lines[at + 1])
            for amount: int256 in back.steps:
                found.append(amount)
            for amount: int256 in back.funding:
                found.append(amount)
    return found


@internal
@pure
def _split(plan: Plan, facts: DynArray[int256, MAX_FACTS]) -> Posted:
    """
    @dev Run the plan's code over the facts of one line.
    """
    posted: Posted = empty(Posted)
    exact: Fraction[42] = empty(Fraction[42])
    stack: Fraction[MAX_STACK] = empty(Fraction[MAX_STACK])
    brought: Fraction = Fraction(over=0, under=1)
    scale: int256 = convert(plan.scale, int256)
    top: uint256 = 0
    skip: uint256 = 0
    for word: uint256 in plan.code:
        if skip != 0:
            skip -= 1
            continue
        does: uint256 = word & 255
        where: uint256 = (word >> 8) & 65535
        if does <= FIGURE:
            if does == NUMBER:
                stack[top] = self._constant(word)
            elif does == FIGURE:
                stack[top] = exact[where]
                assert stack[top].under != 0, "commission_splitter: figure is not there yet"
            else:
                assert does == FACT, "commission_splitter: unknown instruction"
                fact: int256 = facts[where]
                assert abs(fact) <= LARGEST_FACT, "commission_splitter: fact out of range"
                stack[top] = Fraction(over=fact, under=convert(plan.parts[where], int256))
            top += 1
        elif does <= EQUAL:
            top -= 1
            stack[top - 1] = self._combined(does, stack[top - 1], stack[top])
        elif does == REST:
            parent: uint256 = plan.steps[where] & 255
            source: Fraction = exact[0]
            left: int256 = posted.whole
            if parent != 0:
                source = exact[parent + 1]
                left = posted.steps[parent - 1]
            for place: uint256 in range(where, bound=MAX_STEPS):
                if plan.steps[place] & 255 == parent:
                    source = self._combined(SUBTRACT, source, exact[place + 2])
                    left -= posted.steps[place]
            exact[where + 2] = source
            posted.steps.append(left)
        elif does >= WHOLE:
            top -= 1
            if does == BASE:
                exact[1] = stack[top]
                continue
            amount: int256 = self._rounded(plan.rounding, stack[top].over * scale, stack[top].under)
            if does == STEP:
                exact[where + 2] = stack[top]
                posted.steps.append(amount)
            elif does == WHOLE:
                exact[0] = stack[top]
                posted.whole = amount
            elif does == FUNDED:
                brought = self._combined(ADD, brought, stack[top])
                posted.funding.append(amount)
            else:
                assert does == REFUNDABLE, "commission_splitter: unknown instruction"
                posted.refundable = amount
        elif does == JUMP:
            skip = where
        elif does == JUMP_IF_FALSE:
            top -= 1
            if stack[top].over == 0:
                skip = where
        elif does == OPPOSITE:
            stack[top - 1] = Fraction(over=1 - stack[top - 1].over, under=1)
        elif does == ROUND:
            amount: int256 = self._rounded(plan.rounding, stack[top - 1].over * scale, stack[top - 1].under)
            stack[top - 1] = Fraction(over=amount, under=scale)
        else:
            assert does <= MARGINAL, "commission_splitter: unknown instruction"
            stack[top - 1] = self._read_table(plan.rows, does, where, (word >> 24) & 65535, stack[top - 1])
    assert skip == 0, "commission_splitter: plan jumps past its end"
    assert top == 0, "commission_splitter: plan leaves figures over"
    self._check(plan, posted, exact[0], brought)
    last: uint256 = plan.funders - 1
    posted.funding[last] = posted.whole - self._total(posted.funding, last)
    return posted


@internal
@pure
def _check(plan: Plan, posted: Posted, whole: Fraction, brought: Fraction):
    """
    @dev Refuse a line whose parts are not its whole.
    """
    assert len(posted.steps) == len(plan.steps), "commission_splitter: plan leaves a step out"
    assert len(posted.funding) == plan.funders, "commission_splitter: plan leaves a funder out"
    assert self._order(whole, brought) == 0, "commission_splitter: funding is not the whole"
    legs: int256 = 0
    for place: uint256 in range(len(plan.steps), bound=MAX_STEPS):
        if plan.steps[place] & POOL == 0:
            legs += posted.steps[place]
    assert legs == posted.whole, "commission_splitter: legs do not sum to the whole"


@internal
@pure
def _total(amounts: DynArray[int256, MAX_FUNDERS], count: uint256) -> int256:
    """
    @dev Sum the first amounts.
    """
    total: int256 = 0
    for place: uint256 in range(count, bound=MAX_FUNDERS):
        total += amounts[place]
    return total


@internal
@pure
def _taken_back(plan: Plan, posted: Posted, refunded: int256, fed_back: int256) -> Posted:
    """
    @dev What has been taken back once so much of what is refundable was refunded: the rounded share of every
         formula's amount, nothing of what is kept, and of a rest what its siblings leave of its source's share.
    """
    assert refunded >= 0, "commission_splitter: refund below zero"
    back: Posted = empty(Posted)
    share: int256 = 0
    refundable: int256 = 1
    if posted.refundable > 0:
        share = min(refunded, posted.refundable)
        refundable = posted.refundable
        back.whole = fed_back if plan.fed else self._share(plan.rounding, posted.whole, share, refundable)
    legs: int256 = 0
    for place: uint256 in range(len(plan.steps), bound=MAX_STEPS):
        step: uint256 = plan.steps[place]
        amount: int256 = 0
        if step & RESTS != 0:
            parent: uint256 = step & 255
            amount = back.whole
            if parent != 0:
                amount = back.steps[parent - 1]
            for other: uint256 in range(place, bound=MAX_STEPS):
                if plan.steps[other] & 255 == parent:
                    amount -= back.steps[other]
        elif step & KEPT == 0:
            amount = self._share(plan.rounding, posted.steps[place], share, refundable)
        back.steps.append(amount)
        if step & POOL == 0:
            legs += amount
    assert legs == back.whole, "commission_splitter: reversal is not its share of the whole"
    last: uint256 = plan.funders - 1
    for place: uint256 in range(last, bound=MAX_FUNDERS):
        back.funding.append(self._share(plan.rounding, posted.funding[place], share, refundable))
    back.funding.append(back.whole - self._total(back.funding, last))
    return back


@internal
@pure
def _share(rounding: uint256, amount: int256, refunded: int256, refundable: int256) -> int256:
    """
    @dev The rounded part of an amount that a refund takes back.
    """
    return self._rounded(rounding, amount * refunded, refundable)


@internal
@pure
def _rounded(rounding: uint256, over: int256, under: int256) -> int256:
    """
    @dev Round a number of minor units: half up sends ties away from zero, half even to the even neighbour, floor
         downwards.
    """
    size: uint256 = convert(abs(over), uint256)
    parts: uint256 = convert(under, uint256)
    amount: uint256 = size // parts
    rest: uint256 = size % parts
    if rest != 0:
        if rounding == HALF_UP:
            if rest >= parts - rest:
                amount += 1
        elif rounding == HALF_EVEN:
            if rest > parts - rest or (rest == parts - rest and amount % 2 == 1):
                amount += 1
        else:
            assert rounding == FLOOR, "commission_splitter: unknown rounding"
            if over < 0:
                amount += 1
    assert amount <= LARGEST_AMOUNT, "commission_splitter: amount out of range"
    return convert(amount, int256) if over >= 0 else -convert(amount, int256)


@internal
@pure
def _constant(word: uint256) -> Fraction:
    """
    @dev Read a constant out of a word.
    """
    under: int256 = convert((word >> 8) & convert(LARGEST_FACT, uint256), int256)
    assert under != 0, "commission_splitter: constant without denominator"
    over: int256 = convert(word >> 128, int256)
    if over >= 1 << 127:
        over -= 1 << 128
    return Fraction(over=over, under=under)


@internal
@pure
def _combined(does: uint256, left: Fraction, right: Fraction) -> Fraction:
    """
    @dev Join two figures; a comparison gives one where it holds, else zero.
    """
    if does == MULTIPLY:
        return self._lowest(Fraction(over=left.over * right.over, under=left.under * right.under))
    if does == ADD:
        return self._sum(left, right)
    if does == SUBTRACT:
        return self._sum(left, Fraction(over=-right.over, under=right.under))
    if does == DIVIDE:
        assert right.over != 0, "commission_splitter: division by zero"
        sign: int256 = 1 if right.over > 0 else -1
        return self._lowest(
            Fraction(over=sign * left.over * right.under, under=sign * right.over * left.under)
        )
    order: int256 = self._order(left, right)
    if does == LEAST:
        return left if order <= 0 else right
    if does == GREATEST:
        return left if order >= 0 else right
    holds: bool = order < 0 if does == LESS else order == 0
    return Fraction(over=1 if holds else 0, under=1)


@internal
@pure
def _sum(left: Fraction, right: Fraction) -> Fraction:
    """
    @dev Add two figures, over one of their denominators where that serves.
    """
    if left.under == right.under:
        return Fraction(over=left.over + right.over, under=left.under)
    if right.under % left.under == 0:
        return Fraction(over=left.over * (right.under // left.under) + right.over, under=right.under)
    if left.under % right.under == 0:
        return Fraction(over=left.over + right.over * (left.under // right.under), under=left.under)
    return self._lowest(
        Fraction(over=left.over * right.under + right.over * left.under, under=left.under * right.under)
    )


@internal
@pure
def _order(left: Fraction, right: Fraction) -> int256:
    """
    @dev Below zero where the left is less, zero where both are equal.
    """
    if left.under == right.under:
        return left.over - right.over
    return left.over * right.under - right.over * left.under


@internal
@pure
def _lowest(figure: Fraction) -> Fraction:
    """
    @dev Bring a figure to lowest terms where its denominator has grown large, by Euclid's algorithm, which
         ends within 370 steps for numbers of 256 bits.
    """
    if figure.under < LARGE:
        return figure
    divisor: int256 = figure.under
    rest: int256 = abs(figure.over)
    for _: uint256 in range(370):
        if rest == 0:
            break
        larger: int256 = divisor
        divisor = rest
        rest = larger % rest
    return Fraction(over=figure.over // divisor, under=figure.under // divisor)


@internal
@pure
def _read_table(
    rows: DynArray[uint256, MAX_ROWS], does: uint256, first: uint256, count: uint256, key: Fraction
) -> Fraction:
    """
    @dev Read a table of two words a row: by a text, whose rows are in the order of their keys; or by an amount,
         whose rows are steps up to and including a bound, the last one open.
    """
    if does == LOOKUP:
        low: uint256 = 0
        high: uint256 = count
        for _: uint256 in range(16):
            if low == high:
                break
            middle: uint256 = (low + high) // 2
            order: int256 = self._constant(rows[first + 2 * middle]).over - key.over
            if order == 0:
                return self._constant(rows[first + 2 * middle + 1])
            if order < 0:
                low = middle + 1
            else:
                high = middle
        # behind the last row stands what any other text gives, if any does
        assert rows[first + 2 * count] != 0, "commission_splitter: table has no such row"
        return self._constant(rows[first + 2 * count])
    total: Fraction = Fraction(over=0, under=1)
    below: Fraction = Fraction(over=0, under=1)
    for number: uint256 in range(count, bound=MAX_ROWS):
        last: bool = number + 1 == count
        upto: Fraction = key if last else self._constant(rows[first + 2 * number])
        gives: Fraction = self._constant(rows[first + 2 * number + 1])
        reached: bool = last or self._order(key, upto) <= 0
        if does == BRACKET:
            if reached:
                return gives
            continue
        part: Fraction = key if reached else upto
        if number != 0:
            part = self._sum(part, Fraction(over=-below.over, under=below.under))
        total = self._sum(total, self._lowest(Fraction(over=part.over * gives.over, under=part.under * gives.under)))
        if reached:
            break
        below = upto
    return total
