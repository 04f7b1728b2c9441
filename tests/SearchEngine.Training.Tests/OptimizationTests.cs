using SearchEngine.Embeddings;
using TorchSharp;
using static TorchSharp.torch;

namespace SearchEngine.Training.Tests;

[Collection(Serial.Name)]
public sealed class OptimizationTests
{
    public OptimizationTests() => TorchRuntime.EnsureLoaded();

    [Fact]
    public void Linear_schedule_rises_then_falls_to_zero()
    {
        var schedule = new LearningRateSchedule(Steps: 110, WarmupSteps: 10, LearningRateDecay.Linear);
        Assert.Equal(0.1, schedule.Factor(0), 1e-12);
        Assert.Equal(1.0, schedule.Factor(9), 1e-12);
        Assert.Equal(1.0, schedule.Factor(10), 1e-12);
        Assert.Equal(0.5, schedule.Factor(60), 1e-12);
        Assert.Equal(0.0, schedule.Factor(110), 1e-12);
        Assert.Equal(0.0, schedule.Factor(1000), 1e-12);
        Assert.Throws<ArgumentOutOfRangeException>(() => schedule.Factor(-1));
    }

    [Fact]
    public void Cosine_and_constant_schedules_have_their_known_values()
    {
        var cosine = new LearningRateSchedule(100, 0, LearningRateDecay.Cosine);
        Assert.Equal(1.0, cosine.Factor(0), 1e-12);
        Assert.Equal(0.5 * (1 + Math.Sqrt(0.5)), cosine.Factor(25), 1e-12);
        Assert.Equal(0.5, cosine.Factor(50), 1e-12);
        Assert.Equal(0.0, cosine.Factor(100), 1e-12);
        Assert.Equal(1.0, new LearningRateSchedule(100, 0, LearningRateDecay.Constant).Factor(99), 1e-12);
    }

    [Fact]
    public void AdamW_equals_the_published_update()
    {
        using var scope = NewDisposeScope();
        var parameter = nn.Parameter(tensor(new[] { 1f, -2f }));
        using var optimizer = new AdamW([new ParameterGroup([("p", parameter)], 1, 0.1)], 0.9, 0.999, 1e-8);
        double[] expected = [1, -2];
        double[] m = [0, 0],
            v = [0, 0];
        for (var step = 1; step <= 3; step++)
        {
            optimizer.ClearGradients();
            parameter.square().sum().backward();
            optimizer.Step(0.01);
            for (var i = 0; i < 2; i++)
            {
                var gradient = 2 * expected[i];
                m[i] = 0.9 * m[i] + 0.1 * gradient;
                v[i] = 0.999 * v[i] + 0.001 * gradient * gradient;
                expected[i] =
                    expected[i] * (1 - 0.01 * 0.1)
                    - 0.01 * (m[i] / (1 - Math.Pow(0.9, step))) / (Math.Sqrt(v[i] / (1 - Math.Pow(0.999, step))) + 1e-8);
            }
        }

        var actual = parameter.data<float>().ToArray();
        Assert.Equal(expected[0], actual[0], 1e-5);
        Assert.Equal(expected[1], actual[1], 1e-5);
    }

    [Fact]
    public void Clipping_scales_all_gradients_to_the_norm()
    {
        using var scope = NewDisposeScope();
        var first = nn.Parameter(tensor(new[] { 3f }));
        var second = nn.Parameter(tensor(new[] { 4f }));
        using var optimizer = new AdamW([new ParameterGroup([("a", first), ("b", second)], 1, 0)]);
        ((first.square() + second.square()) / 2).sum().backward();
        Assert.Equal(5, optimizer.ClipGradients(1), 1e-5);
        Assert.Equal(0.6, first.grad!.ToDouble(), 1e-4);
        Assert.Equal(0.8, second.grad!.ToDouble(), 1e-4);
        Assert.Equal(1, optimizer.ClipGradients(0), 1e-4);
    }
}
