#include "eval.hpp"

namespace bianque::rna {

std::vector<Loop> evaluate(const Model& model, const std::vector<uint8_t>& bases, const std::vector<int32_t>& partner) {
    const int n = static_cast<int>(bases.size());
    const uint8_t* s = bases.data();
    std::vector<Loop> loops;
    std::vector<int> open;  // closing pairs whose loops are still to be seen, by their 5' end

    Loop exterior{LoopKind::exterior, -1, -1, -1, -1, 0};
    for (int i = 0; i < n; ++i)
        if (partner[i] > i) {
            exterior.energy += model.exterior_stem_energy(s, n, i, partner[i]);
            open.push_back(i);
            i = partner[i];
        }
    loops.push_back(exterior);

    while (!open.empty()) {
        const int i = open.back(), j = partner[i];
        open.pop_back();
        int stems = 0, first = -1;
        int32_t multi = model.multi_closing + model.multi_stem_energy(pair_type(s[j], s[i]), s[j - 1], s[i + 1]);
        for (int k = i + 1; k < j; ++k) {
            if (partner[k] < k) {
                multi += model.multi_base;
                continue;
            }
            if (stems++ == 0) first = k;
            multi += model.multi_stem_energy(pair_type(s[k], s[partner[k]]), s[k - 1], s[partner[k] + 1]);
            open.push_back(k);
            k = partner[k];
        }
        if (stems == 0)
            loops.push_back({LoopKind::hairpin, i, j, -1, -1, model.hairpin_energy(s, i, j)});
        else if (stems == 1)
            loops.push_back({LoopKind::interior, i, j, first, partner[first],
                             model.interior_energy(s, i, j, first, partner[first])});
        else
            loops.push_back({LoopKind::multi, i, j, -1, -1, multi});
    }
    return loops;
}

}  // namespace bianque::rna
