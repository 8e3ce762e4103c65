using Ecom.Forecasting;

var builder = WebApplication.CreateBuilder(args);
builder.AddForecasting();

var app = builder.Build();
app.MapForecasting();
await app.RunAsync();
