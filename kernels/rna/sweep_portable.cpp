#include "simd_portable.hpp"
#include "sweep_lanes.hpp"

namespace bianque::rna {

const Sweeps& portable_sweeps() {
    static const Sweeps made = {nullptr, sweep<Lanes32>(), &spread<Lanes32>};
    return made;
}

}  // namespace bianque::rna
