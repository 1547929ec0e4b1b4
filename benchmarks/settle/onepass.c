/* The head streamer's split and its reversal, one pass over the lines: the limit that a kernel is held to.
   in: paid, platform_coupon, freight, refunded; out: 7 legs, 2 funders, 7 legs reversed, 2 funders returned. */
#include <stdint.h>

static inline int64_t share(int64_t amount, int64_t numerator, int64_t denominator) {
  return (2 * numerator * amount + denominator) / (2 * denominator);
}

static inline int64_t back(int64_t posted, int64_t refunded, int64_t paid) {
  return (2 * posted * refunded + paid) / (2 * paid);
}

void split_lines(long lines, int64_t **column) {
  const int64_t *paid = column[0], *coupon = column[1], *freight = column[2], *refunded = column[3];
  int64_t **out = column + 4;
  for (long i = 0; i < lines; i++) {
    int64_t whole = paid[i] + coupon[i], base = whole - freight[i];
    int64_t tech = share(whole, 1, 20), commission = share(base, 1, 5), alliance = share(base, 1, 50);
    int64_t mcn = share(base, 27, 500), leader = share(base, 1, 50), leader_platform = share(base, 1, 500);
    out[0][i] = tech;
    out[1][i] = alliance;
    out[2][i] = mcn;
    out[3][i] = commission - alliance - mcn;
    out[4][i] = leader_platform;
    out[5][i] = leader - leader_platform;
    out[6][i] = whole - tech - commission - leader;
    out[7][i] = paid[i];
    out[8][i] = coupon[i];
    int64_t r = refunded[i], p = paid[i];
    int64_t whole_back = back(whole, r, p), tech_back = back(tech, r, p), pool_back = back(commission, r, p);
    int64_t alliance_back = back(alliance, r, p), mcn_back = back(mcn, r, p), leader_back = back(leader, r, p);
    int64_t part_back = back(leader_platform, r, p), paid_back = back(paid[i], r, p);
    out[9][i] = tech_back;
    out[10][i] = alliance_back;
    out[11][i] = mcn_back;
    out[12][i] = pool_back - alliance_back - mcn_back;
    out[13][i] = part_back;
    out[14][i] = leader_back - part_back;
    out[15][i] = whole_back - tech_back - pool_back - leader_back;
    out[16][i] = paid_back;
    out[17][i] = whole_back - paid_back;
  }
}
