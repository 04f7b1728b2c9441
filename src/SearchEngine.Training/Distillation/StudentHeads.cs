using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SearchEngine.Training.Distillation;

/// <summary>
/// A linear map for each teacher from the student's vector to the teacher's. Trained beside the student and dropped at the end.
/// </summary>
internal sealed class StudentHeads : IDisposable
{
    /// <summary>Added to the diagonal, relative to its mean: enough to solve where the student leaves dimensions unused.</summary>
    private const double Ridge = 1e-3;

    private readonly Parameter[] _maps;

    private StudentHeads(Parameter[] maps) => _maps = maps;

    /// <summary>The parameters for the optimizer.</summary>
    public ParameterGroup Group => new([.. _maps.Select((m, i) => ($"head.{i}", m))], 1, 0);

    /// <summary>Maps that come nearest to the teachers from where the student is now, by ridge regression.</summary>
    /// <param name="student">(texts, hidden): the student's vectors of a sample.</param>
    /// <param name="teachers">For each teacher (texts, dimension): its vectors of the same texts.</param>
    public static StudentHeads Fit(Tensor student, IReadOnlyList<Tensor> teachers)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var unit = nn.functional.normalize(student, p: 2, dim: 1).cpu().to(ScalarType.Float64);
        var square = unit.t().mm(unit);
        var ridge = eye(square.shape[0], dtype: ScalarType.Float64) * (Ridge * square.trace() / square.shape[0]);
        return new StudentHeads([
            .. teachers.Select(t =>
            {
                var map = linalg.solve(square + ridge, unit.t().mm(t.cpu().to(ScalarType.Float64)));
                return new Parameter(map.to(student.dtype, student.device).contiguous().clone().DetachFromDisposeScope());
            }),
        ]);
    }

    /// <summary>The student's vectors as a teacher would have them. (texts, hidden) to (texts, dimension)</summary>
    public Tensor Apply(int teacher, Tensor student) => student.mm(_maps[teacher]);

    public void Dispose()
    {
        foreach (var map in _maps)
            map.Dispose();
    }
}
