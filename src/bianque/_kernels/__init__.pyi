"""Types of the compiled kernels; the code is in kernels/."""

from bianque._kernels import rna as rna
