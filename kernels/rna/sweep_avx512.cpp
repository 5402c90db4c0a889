#include "simd_avx512.hpp"
#include "sweep_lanes.hpp"

namespace bianque::rna {

const Sweeps& avx512_sweeps() {
    static const Sweeps made = {sweep<Lanes16>(), sweep<Lanes32>(), &spread<Lanes32>};
    return made;
}

}  // namespace bianque::rna
