#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/function.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <algorithm>
#include <optional>

#include "beam.hpp"
#include "eval.hpp"
#include "mea.hpp"
#include "mfe.hpp"
#include "partition.hpp"
#include "suboptimal.hpp"

namespace nb = nanobind;

namespace bianque::rna {
namespace {

template <class T>
using Input = nb::ndarray<const T, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Table = nb::ndarray<const int32_t, nb::c_contig, nb::device::cpu>;

template <class T>
std::vector<T> vector_of(const Input<T>& values) {
    return {values.data(), values.data() + values.size()};
}

template <class T>
std::vector<T> vector_of(const std::optional<Input<T>>& values) {
    return values ? vector_of(*values) : std::vector<T>{};
}

// A NumPy array that owns its values.
template <class T>
nb::ndarray<nb::numpy, T> array_of(std::vector<T> values, std::initializer_list<std::size_t> shape) {
    auto* kept = new std::vector<T>(std::move(values));
    nb::capsule owner(kept, [](void* p) noexcept { delete static_cast<std::vector<T>*>(p); });
    return nb::ndarray<nb::numpy, T>(kept->data(), shape, owner);
}

Prepared prepare(const nb::dict& tables, const nb::dict& special_hairpins, double log_extrapolation) {
    Model model;
    const auto fill = [&](const char* name, auto& table) {
        const Table values = nb::cast<Table>(tables[name]);
        if (values.size() * sizeof(int32_t) != sizeof(table))
            throw std::invalid_argument(std::string("table ") + name + " has the wrong shape");
        std::copy_n(values.data(), values.size(), reinterpret_cast<int32_t*>(&table));
    };
    fill("stack", model.stack);
    fill("mismatch_hairpin", model.mismatch_hairpin);
    fill("mismatch_interior", model.mismatch_interior);
    fill("mismatch_interior_1n", model.mismatch_interior_1n);
    fill("mismatch_interior_23", model.mismatch_interior_23);
    fill("mismatch_multi", model.mismatch_multi);
    fill("mismatch_exterior", model.mismatch_exterior);
    fill("dangle5", model.dangle5);
    fill("dangle3", model.dangle3);
    fill("int11", model.int11);
    fill("int21", model.int21);
    fill("int22", model.int22);
    fill("hairpin", model.hairpin);
    fill("bulge", model.bulge);
    fill("interior", model.interior);
    fill("ninio", model.ninio);
    fill("ninio_max", model.ninio_max);
    fill("multi_base", model.multi_base);
    fill("multi_closing", model.multi_closing);
    fill("multi_stem", model.multi_stem);
    fill("terminal_au", model.terminal_au);
    model.log_extrapolation = log_extrapolation;
    for (const auto& [loop, energy] : special_hairpins)
        model.special_hairpins[nb::cast<std::string>(loop)] = nb::cast<int32_t>(energy);
    return Prepared(std::move(model));
}

Problem problem_of(const Prepared& prepared, const Input<uint8_t>& bases, int span, int threads,
                   const std::optional<Input<int32_t>>& layer, const std::optional<Input<uint8_t>>& opens,
                   const std::optional<Input<uint8_t>>& closes, const std::optional<Input<int32_t>>& pair_bonus,
                   const std::optional<Input<int32_t>>& stack_bonus) {
    const auto require = [&](const auto& values, const char* what) {
        if (values && values->size() != bases.size())
            throw std::invalid_argument(std::string("as many ") + what + " as nucleotides are needed");
    };
    require(layer, "layers"), require(opens, "openings"), require(closes, "closings");
    require(pair_bonus, "bonuses of pairs"), require(stack_bonus, "bonuses of stacks");
    if (layer.has_value() != opens.has_value() || layer.has_value() != closes.has_value())
        throw std::invalid_argument("layers, openings and closings go together");
    if (span < 0 || threads < 1) throw std::invalid_argument("a span is 0 or more, threads are 1 or more");
    Problem problem;
    problem.bases = vector_of(bases);
    problem.prepared = &prepared;
    problem.span = span;
    problem.threads = threads;
    problem.layer = vector_of(layer);
    problem.opens = vector_of(opens);
    problem.closes = vector_of(closes);
    problem.pair_bonus = vector_of(pair_bonus);
    problem.stack_bonus = vector_of(stack_bonus);
    if (std::any_of(problem.bases.begin(), problem.bases.end(), [](uint8_t base) { return base > N; }))
        throw std::invalid_argument("a nucleotide is a number from 0 to 4");
    return problem;
}

using Callback = std::optional<std::function<bool(double)>>;

// What the kernel calls without the lock that Python's callback needs.
Progress reporting(const Callback& progress) {
    if (!progress) return {};
    return [&](double share) {
        nb::gil_scoped_acquire acquire;
        if (PyErr_CheckSignals() != 0) throw nb::python_error();
        return (*progress)(share);
    };
}

nb::tuple py_fold(const Prepared& prepared, const Input<uint8_t>& bases, int span, int beam, int threads,
                  const std::optional<Input<int32_t>>& layer, const std::optional<Input<uint8_t>>& opens,
                  const std::optional<Input<uint8_t>>& closes, const std::optional<Input<int32_t>>& pair_bonus,
                  const std::optional<Input<int32_t>>& stack_bonus, const Callback& progress) {
    const Problem problem =
        problem_of(prepared, bases, span, threads, layer, opens, closes, pair_bonus, stack_bonus);
    Fold made;
    {
        nb::gil_scoped_release release;
        made = beam ? fold_beam(problem, beam, chosen_instructions(), reporting(progress))
                    : fold(problem, chosen_instructions(), reporting(progress));
    }
    const std::size_t n = made.partner.size();
    return nb::make_tuple(made.energy, array_of(std::move(made.partner), {n}), made.candidates);
}

nb::tuple py_suboptimals(const Prepared& prepared, const Input<uint8_t>& bases, int32_t within, int64_t most, int span,
                         int threads, const std::optional<Input<int32_t>>& layer,
                         const std::optional<Input<uint8_t>>& opens, const std::optional<Input<uint8_t>>& closes,
                         const std::optional<Input<int32_t>>& pair_bonus,
                         const std::optional<Input<int32_t>>& stack_bonus, const Callback& progress) {
    if (bases.size() == 0 || within < 0 || most < 1) throw std::invalid_argument("nothing is asked for");
    if (!finite(within)) throw std::invalid_argument("structures that far from the least energy are not listed");
    const Problem problem =
        problem_of(prepared, bases, span, threads, layer, opens, closes, pair_bonus, stack_bonus);
    Suboptimals made;
    {
        nb::gil_scoped_release release;
        made = suboptimals(problem, within, most, chosen_instructions(), reporting(progress));
    }
    const std::size_t count = made.energies.size();
    return nb::make_tuple(array_of(std::move(made.energies), {count}),
                          array_of(std::move(made.partners), {count, bases.size()}), made.count, made.reach);
}

nb::tuple py_ensemble(const Prepared& prepared, const Input<uint8_t>& bases, double kt, int span, int threads,
                      double cutoff, int stretch, const std::optional<Input<int32_t>>& layer,
                      const std::optional<Input<uint8_t>>& opens, const std::optional<Input<uint8_t>>& closes,
                      const std::optional<Input<uint8_t>>& must, const std::optional<Input<int32_t>>& stack_bonus,
                      const Callback& progress) {
    if (stretch < 0 || stretch > LONGEST_STRETCH)
        throw std::invalid_argument("a stretch has 0 to " + std::to_string(LONGEST_STRETCH) + " nucleotides");
    if (!(kt > 0)) throw std::invalid_argument("RT is positive");
    if (must && must->size() != bases.size()) throw std::invalid_argument("as many marks as nucleotides are needed");
    EnsembleProblem asked;
    asked.problem = problem_of(prepared, bases, span, threads, layer, opens, closes, std::nullopt, stack_bonus);
    asked.must = vector_of(must);
    asked.kt = kt;
    asked.cutoff = cutoff;
    asked.stretch = stretch;
    Ensemble made;
    {
        nb::gil_scoped_release release;
        made = ensemble(asked, chosen_instructions(), reporting(progress));
    }
    const std::size_t n = made.paired.size(), pairs = made.first.size(), stretches = made.unpaired_stretch.size();
    return nb::make_tuple(made.log_weight, array_of(std::move(made.first), {pairs}),
                          array_of(std::move(made.second), {pairs}), array_of(std::move(made.probability), {pairs}),
                          array_of(std::move(made.paired), {n}), array_of(std::move(made.unpaired_stretch), {stretches}));
}

nb::ndarray<nb::numpy, int32_t> py_most_worth(const Input<int32_t>& first, const Input<int32_t>& second,
                                              const Input<double>& pair, const Input<double>& unpaired,
                                              const Callback& progress) {
    if (first.size() != second.size() || first.size() != pair.size())
        throw std::invalid_argument("as many second positions and worths as first ones are needed");
    const Worth worth{vector_of(first), vector_of(second), vector_of(pair), vector_of(unpaired)};
    const auto n = static_cast<int32_t>(worth.unpaired.size());
    for (std::size_t x = 0; x < worth.first.size(); ++x)
        if (worth.first[x] < 0 || worth.first[x] >= worth.second[x] || worth.second[x] >= n)
            throw std::invalid_argument("a pair lies outside the sequence");
    std::vector<int32_t> partner;
    {
        nb::gil_scoped_release release;
        partner = most_worth(worth, reporting(progress));
    }
    return array_of(std::move(partner), {std::size_t(n)});
}

nb::ndarray<nb::numpy, int32_t> py_evaluate(const Prepared& prepared, const Input<uint8_t>& bases,
                                            const Input<int32_t>& partner) {
    if (bases.size() != partner.size()) throw std::invalid_argument("as many partners as nucleotides are needed");
    std::vector<int32_t> rows;
    for (const Loop& loop : evaluate(prepared.model(), vector_of(bases), vector_of(partner)))
        rows.insert(rows.end(), {static_cast<int32_t>(loop.kind), loop.i, loop.j, loop.k, loop.l, loop.energy});
    const std::size_t count = rows.size() / 6;
    return array_of(std::move(rows), {count, 6});
}

const char* name(Instructions instructions) {
    if (instructions == Instructions::avx512) return "avx512";
    return instructions == Instructions::avx2 ? "avx2" : "portable";
}

}  // namespace

void bind(nb::module_& module) {
    nb::class_<Prepared>(module, "Model", "A nearest-neighbour model: energies in dcal/mol by loop.")
        .def(
            "__init__",
            [](Prepared* self, const nb::dict& tables, const nb::dict& special_hairpins, double log_extrapolation) {
                new (self) Prepared(prepare(tables, special_hairpins, log_extrapolation));
            },
            nb::arg("tables"), nb::arg("special_hairpins"), nb::arg("log_extrapolation"));
    module.def("fold", &py_fold, nb::arg("model"), nb::arg("bases"), nb::kw_only(), nb::arg("span") = 0,
               nb::arg("beam") = 0,
               nb::arg("threads") = 1, nb::arg("layer") = nb::none(), nb::arg("opens") = nb::none(),
               nb::arg("closes") = nb::none(), nb::arg("pair_bonus") = nb::none(), nb::arg("stack_bonus") = nb::none(),
               nb::arg("progress") = nb::none(), "Energy, partners (-1: unpaired) and number of candidates.");
    module.def("suboptimals", &py_suboptimals, nb::arg("model"), nb::arg("bases"), nb::arg("within"), nb::arg("most"),
               nb::kw_only(), nb::arg("span") = 0, nb::arg("threads") = 1, nb::arg("layer") = nb::none(),
               nb::arg("opens") = nb::none(), nb::arg("closes") = nb::none(), nb::arg("pair_bonus") = nb::none(),
               nb::arg("stack_bonus") = nb::none(), nb::arg("progress") = nb::none(),
               "Energies and partners of all structures near the least energy; their number, and within what energy.");
    module.def("ensemble", &py_ensemble, nb::arg("model"), nb::arg("bases"), nb::kw_only(), nb::arg("kt"),
               nb::arg("span") = 0, nb::arg("threads") = 1, nb::arg("cutoff") = 0.0, nb::arg("stretch") = 0,
               nb::arg("layer") = nb::none(), nb::arg("opens") = nb::none(), nb::arg("closes") = nb::none(),
               nb::arg("must") = nb::none(), nb::arg("stack_bonus") = nb::none(), nb::arg("progress") = nb::none(),
               "Logarithm of the partition function; pairs' first and second positions and probabilities; probability "
               "of each position to be paired; of each stretch to be unpaired.");
    module.def("most_worth", &py_most_worth, nb::arg("first"), nb::arg("second"), nb::arg("pair"), nb::arg("unpaired"),
               nb::kw_only(), nb::arg("progress") = nb::none(), "Partners of the structure worth most.");
    module.def("evaluate", &py_evaluate, nb::arg("model"), nb::arg("bases"), nb::arg("partner"),
               "Loops of a structure as rows of kind, i, j, k, l, energy.");
    module.def("instructions", [] { return name(chosen_instructions()); }, "The instruction set that folds run with.");
    module.def(
        "supports",
        [](const std::string& wanted) {
            for (const Instructions x : {Instructions::portable, Instructions::avx2, Instructions::avx512})
                if (wanted == name(x)) return supported(x);
            return false;
        },
        nb::arg("instructions"), "Whether this processor has an instruction set.");
    module.attr("LONGEST_STRETCH") = LONGEST_STRETCH;
    nb::exception<Cancelled>(module, "Cancelled");
    nb::exception<NoThread>(module, "NoThread");
}

}  // namespace bianque::rna
