#include "model.hpp"

#include <algorithm>
#include <cstdlib>

namespace bianque::rna {

int32_t Model::hairpin_energy(const uint8_t* s, int i, int j) const {
    const int unpaired = j - i - 1;
    if (unpaired < MIN_HAIRPIN) return INF;
    const int type = pair_type(s[i], s[j]);
    if (unpaired == 3 || unpaired == 4 || unpaired == 6) {
        std::string loop;
        for (int x = i; x <= j; ++x) loop += "ACGUN"[s[x]];
        // A special hairpin's energy is that of the whole loop.
        if (const auto special = special_hairpins.find(loop); special != special_hairpins.end()) return special->second;
    }
    const int32_t energy = loop_size(hairpin, unpaired);
    if (unpaired == 3) return energy + end_penalty(type);
    return energy + mismatch_hairpin[type][s[i + 1]][s[j - 1]];
}

int32_t Model::interior_energy(const uint8_t* s, int i, int j, int k, int l) const {
    const int left = k - i - 1, right = j - l - 1;
    const int shorter = std::min(left, right), longer = std::max(left, right);
    const int type = pair_type(s[i], s[j]), inner = pair_type(s[l], s[k]);
    if (longer == 0) return stack[type][inner];
    if (shorter == 0) {
        const int32_t energy = loop_size(bulge, longer);
        if (longer == 1) return energy + stack[type][inner];
        return energy + end_penalty(type) + end_penalty(inner);
    }
    const int a = s[i + 1], b = s[j - 1], c = s[k - 1], d = s[l + 1];
    const int32_t asymmetry = std::min(ninio_max, (longer - shorter) * ninio);
    if (shorter == 1) {
        if (longer == 1) return int11[type][inner][a][b];
        if (longer == 2)
            return left == 1 ? int21[type][inner][a][d][b] : int21[inner][type][d][a][c];
        return loop_size(interior, longer + 1) + asymmetry + mismatch_interior_1n[type][a][b] +
               mismatch_interior_1n[inner][d][c];
    }
    if (shorter == 2 && longer == 2) return int22[type][inner][a][c][d][b];
    if (shorter == 2 && longer == 3)
        return interior[5] + asymmetry + mismatch_interior_23[type][a][b] + mismatch_interior_23[inner][d][c];
    return loop_size(interior, left + right) + asymmetry + mismatch_interior[type][a][b] +
           mismatch_interior[inner][d][c];
}

}  // namespace bianque::rna
