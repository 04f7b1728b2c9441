using SearchEngine.Training.Distillation;
using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Training.Tests.Distillation;

[Collection(Serial.Name)]
public sealed class DistillationLossTests
{
    private static readonly double[] Weights = [1, 3];

    [Fact]
    public void On_the_axes_of_the_space_a_student_is_similar_as_the_teachers_on_average()
    {
        using var scope = NewDisposeScope();
        var sample = Teachers(200);
        using var space = TeacherSpace.Fit(sample, Weights, 18);
        var centred = Centred(space, sample);
        var student = space.Project(centred);
        var expected = (centred[0].mm(centred[0].t()) * 0.25) + (centred[1].mm(centred[1].t()) * 0.75);
        Assert.True((student.mm(student.t()) - expected).abs().max().ToSingle() < 1e-5f);
    }

    [Fact]
    public void Leading_axes_lose_the_least()
    {
        using var scope = NewDisposeScope();
        var sample = Teachers(200);
        using var space = TeacherSpace.Fit(sample, Weights, 18);
        var energy = space.Project(Centred(space, sample)).square().sum([0]);
        var values = energy.data<float>().ToArray();
        Assert.Equal(values.OrderDescending(), values);
    }

    [Fact]
    public void A_student_that_is_its_teachers_has_no_loss_and_agrees_with_them()
    {
        using var scope = NewDisposeScope();
        var sample = Teachers(64);
        using var space = TeacherSpace.Fit(sample, Weights, 18);
        var centred = Centred(space, sample);
        var student = space.Project(centred);
        using var heads = StudentHeads.Fit(student, centred);
        var loss = new DistillationLoss(heads, space.Weights, 1, 20, []);
        var (value, accuracy) = loss.Compute(student, centred);
        Assert.True(value.ToDouble() < 1e-3, $"loss {value.ToDouble()}");
        Assert.Equal(1.0, accuracy);
        var (other, _) = loss.Compute(student.flip(0), centred);
        Assert.True(other.ToDouble() > 0.5, $"loss {other.ToDouble()}");
    }

    [Fact]
    public void The_gradient_is_that_of_finite_differences()
    {
        using var scope = NewDisposeScope();
        torch.manual_seed(4);
        var teachers = new[] { nn.functional.normalize(randn(5, 6), dim: 1), nn.functional.normalize(randn(5, 3), dim: 1) };
        var student = randn(5, 8).requires_grad_(true);
        using var heads = StudentHeads.Fit(student.detach(), teachers);
        var loss = new DistillationLoss(heads, [0.5, 0.5], 1, 20, [4, 8]);
        loss.Compute(student, teachers).Loss.backward();
        using var guard = no_grad();
        for (var i = 0; i < 40; i += 7)
        {
            double At(float step)
            {
                var moved = student.detach().clone();
                moved.view(-1)[i] += step;
                return loss.Compute(moved, teachers).Loss.ToDouble();
            }

            var expected = (At(1e-2f) - At(-1e-2f)) / 2e-2;
            var found = student.grad!.view(-1)[i].ToSingle();
            Assert.True(Math.Abs(expected - found) < 5e-3 + (0.02 * Math.Abs(expected)), $"element {i}: {found} for {expected}");
        }
    }

    /// <summary>Two teachers of 8 and 10 dimensions that see the same four things, and chance.</summary>
    private static Tensor[] Teachers(int texts)
    {
        torch.manual_seed(9);
        var shared = randn(texts, 4);
        return [shared.mm(randn(4, 8)) + (randn(texts, 8) * 0.2) + 1, shared.mm(randn(4, 10)) + (randn(texts, 10) * 0.2) - 0.5];
    }

    private static Tensor[] Centred(TeacherSpace space, Tensor[] sample) => [.. sample.Select((s, k) => space.Centre(k, s))];
}
