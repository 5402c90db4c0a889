namespace bianque::rna {
namespace {
constexpr int LANES = 8;
}
}  // namespace bianque::rna
#include "partition_lanes.hpp"

namespace bianque::rna {

const PartitionSweep& avx512_partition() { return *partition_sweep(); }

}  // namespace bianque::rna
