using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SearchEngine.Embeddings.Torch;

/// <summary>A tensor of the checkpoint and the rows of the model's parameter that hold it.</summary>
/// <param name="Name">The Hugging Face name, for example model.layers.0.self_attn.q_proj.weight.</param>
/// <param name="Parameter">The model's parameter.</param>
/// <param name="FirstRow">The first of its rows.</param>
/// <param name="Shape">The tensor's shape in the checkpoint.</param>
internal readonly record struct WeightSlot(string Name, Parameter Parameter, int FirstRow, long[] Shape);

internal sealed partial class DecoderModel
{
    /// <summary>Every tensor of the checkpoint in Hugging Face's names, with the place that it has in this model.</summary>
    public IEnumerable<WeightSlot> WeightSlots()
    {
        yield return Whole("model.embed_tokens.weight", _embedTokens);
        for (var i = 0; i < Config.Layers; i++)
        {
            foreach ((var name, var layerNorm) in _layers[i].Norms())
                yield return Whole($"model.layers.{i}.{name}.weight", layerNorm.Weight);
            foreach ((var group, var projection) in _layers[i].Projections())
            {
                foreach (var part in projection.Parts)
                {
                    var name = DecoderShape.Place(i, group, part.Name, "model.");
                    yield return new WeightSlot(name + ".weight", projection.Weight, part.Offset, [part.Rows, projection.Inputs]);
                    if (projection.Bias is Parameter bias)
                        yield return new WeightSlot(name + ".bias", bias, part.Offset, [part.Rows]);
                }
            }
        }
        yield return Whole("model.norm.weight", _norm.Weight);
        if (_lmHead is not null)
            yield return Whole("lm_head.weight", _lmHead);
    }

    private static WeightSlot Whole(string name, Parameter parameter) => new(name, parameter, 0, parameter.shape);
}
