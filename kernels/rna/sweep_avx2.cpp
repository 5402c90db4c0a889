#include "simd_avx2.hpp"
#include "sweep_lanes.hpp"

namespace bianque::rna {

const Sweeps& avx2_sweeps() {
    static const Sweeps made = {sweep<Lanes16>(), sweep<Lanes32>(), &spread<Lanes32>};
    return made;
}

}  // namespace bianque::rna
