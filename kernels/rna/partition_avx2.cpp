namespace bianque::rna {
namespace {
constexpr int LANES = 4;
}
}  // namespace bianque::rna
#include "partition_lanes.hpp"

namespace bianque::rna {

const PartitionSweep& avx2_partition() { return *partition_sweep(); }

}  // namespace bianque::rna
