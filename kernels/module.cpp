#include <nanobind/nanobind.h>

namespace bianque::rna {
void bind(nanobind::module_& module);
}

NB_MODULE(_kernels, module) {
    module.doc() = "Kernels in C++: see kernels/ for what each computes.";
    nanobind::module_ rna = module.def_submodule("rna", "RNA secondary structure under a nearest-neighbour model.");
    bianque::rna::bind(rna);
}
